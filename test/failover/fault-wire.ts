import type { Socket } from 'node:net';
import { completion, ending, type Speaker, textOf, USAGE, usageChunk, words, wordsOf } from './answers.ts';
import type { FaultTimes } from './profiles.ts';

/** What a provider saw of one call, and what became of it. */
export interface ProviderCall {
  /** By `performance.now()`. */
  arrivedAtMs: number;
  path: string;
  model: string;
  body: Record<string, unknown>;
  sentBytes: number;
  /** The provider has said all it wanted, or closed the connection itself. */
  isOver: boolean;
  /** When the gateway closed the connection while the answer was under way. */
  givenUpAtMs: number | undefined;
}

export const JSON_HEADERS = { 'content-type': 'application/json' };
export const STREAM_HEADERS = { 'content-type': 'text/event-stream; charset=utf-8' };

type Headers = Readonly<Record<string, string>>;

interface WireOptions {
  socket: Socket;
  call: ProviderCall;
  speaker: Speaker;
  number: number;
  times: FaultTimes;
}

/** The provider's end of one call: whatever bytes a fault wants, at any time. */
export class FaultWire {
  readonly speaker: Speaker;
  /** 1 for the first call to this provider. */
  readonly number: number;
  readonly times: FaultTimes;
  readonly call: ProviderCall;
  readonly #socket: Socket;

  constructor({ socket, call, speaker, number, times }: WireOptions) {
    this.#socket = socket;
    this.call = call;
    this.speaker = speaker;
    this.number = number;
    this.times = times;
  }

  get isStream(): boolean {
    return this.call.body.stream === true;
  }

  get model(): string {
    return this.call.model;
  }

  get isOpen(): boolean {
    return !this.#socket.destroyed;
  }

  /** Sends bytes as they are, and waits while the gateway does not read. */
  async send(bytes: string | Uint8Array): Promise<void> {
    if (!this.isOpen) return;
    this.call.sentBytes += Buffer.byteLength(bytes);
    if (this.#socket.write(bytes)) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        this.#socket.off('drain', done).off('close', done);
        resolve();
      };
      this.#socket.once('drain', done).once('close', done);
    });
  }

  head(status: number, headers: Headers): Promise<void> {
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    return this.send(`HTTP/1.1 ${status} Status\r\n${lines.join('')}\r\n`);
  }

  /** A proper answer in one piece. */
  async whole(status: number, headers: Headers, body: string | Uint8Array = ''): Promise<void> {
    this.call.isOver = true;
    await this.head(status, { ...headers, 'content-length': String(Buffer.byteLength(body)) });
    await this.send(body);
  }

  startStream(headers: Headers = {}): Promise<void> {
    return this.head(200, { ...STREAM_HEADERS, 'transfer-encoding': 'chunked', ...headers });
  }

  /** A piece of a body that is sent in pieces. */
  piece(bytes: string | Uint8Array): Promise<void> {
    const frame = [
      Buffer.from(`${Buffer.byteLength(bytes).toString(16)}\r\n`),
      Buffer.from(bytes),
      Buffer.from('\r\n'),
    ];
    return this.send(Buffer.concat(frame));
  }

  event(data: string): Promise<void> {
    return this.piece(`data: ${data}\n\n`);
  }

  /** Events with the words from one to another, at the profile's pace. */
  async say(from: number, to?: number): Promise<void> {
    for (const [index, word] of wordsOf(this.speaker).slice(from, to).entries()) {
      await this.event(words(this.model, index + from === 0 ? word : ` ${word}`));
      await this.pause(this.times.wordMs);
    }
  }

  /** The end of a stream that has said all its words. */
  async finish({ usage = USAGE, hasDone = true }: { usage?: object | null; hasDone?: boolean } = {}): Promise<void> {
    await this.event(ending(this.model));
    if (usage) await this.event(usageChunk(this.model, usage));
    if (hasDone) await this.event('[DONE]');
    await this.endPieces();
  }

  /** The head of a whole answer and so much of its body. */
  async partOfBody(part: number): Promise<void> {
    const body = completion(this.model, textOf(this.speaker));
    await this.head(200, { ...JSON_HEADERS, 'content-length': String(body.length) });
    await this.send(body.slice(0, Math.floor(body.length * part)));
  }

  /** Ends a body that was sent in pieces, as HTTP wants it. */
  endPieces(): Promise<void> {
    this.call.isOver = true;
    return this.send('0\r\n\r\n');
  }

  /** Answers as a good provider does. */
  async answer(headers: Headers = {}, usage: object | null = USAGE): Promise<void> {
    if (!this.isStream) {
      await this.whole(200, { ...JSON_HEADERS, ...headers }, completion(this.model, textOf(this.speaker), usage));
      return;
    }
    await this.startStream(headers);
    await this.say(0);
    await this.finish({ usage });
  }

  /** Closes the connection, politely. */
  hangUp(): void {
    this.call.isOver = true;
    this.#socket.end();
  }

  reset(): void {
    this.call.isOver = true;
    this.#socket.resetAndDestroy();
  }

  /** Waits, but not for a gateway that has gone. */
  async pause(milliseconds: number): Promise<void> {
    if (!this.isOpen) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#socket.off('close', done);
        resolve();
      };
      const timer = setTimeout(done, milliseconds);
      this.#socket.once('close', done);
    });
  }
}
