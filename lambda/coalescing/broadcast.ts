import { clientClosed } from '../core/provider-failure.ts';
import type { StreamChunk } from '../providers/provider-wire.ts';
import { unlessAborted } from './unless-aborted.ts';

/** A stream that several read, each at its own pace and from its first chunk on. */
export interface Broadcast {
  /** False once too much has gone by for somebody new to read it all. */
  isOpen(): boolean;
  /** The chunks from the first on, until the end or the failure of the source. Throws the signal's reason when that ends first. */
  follow(signal: AbortSignal): AsyncGenerator<StreamChunk[]>;
  /** Has the source read to its end, whoever reads what it says; throws the signal's reason when that ends first. */
  readOn(signal: AbortSignal): Promise<void>;
  /** Ends the source before its time. */
  cancel(): Promise<void>;
}

/** What is held for those who come late, in characters; beyond it they wait for the whole answer. */
const HELD_CHARACTERS = 262_144;

/** A batch as it came, or, once a later one has come, its texts only. */
type Held = { chunks: StreamChunk[] } | { texts: string[] };

/**
 * Reads a stream once for many: what can be held is read at once, and of the rest whoever wants it has the source asked for
 * more. So one who is slow or gone holds nobody up. Texts are held while somebody new may come, or somebody has yet to read them.
 */
export function broadcast(source: AsyncGenerator<StreamChunk[]>): Broadcast {
  /** Those from number `first` on. */
  const held: Held[] = [];
  let first = 0;
  const positions = new Map<symbol, number>();
  let characters = 0;
  let end: { failure?: { thrown: unknown } } | undefined;
  let asking: Promise<void> | undefined;

  const isOpen = () => characters <= HELD_CHARACTERS;

  function askForMore(): Promise<void> {
    asking ??= source.next().then(take, fail);
    return asking;
  }

  function fail(thrown: unknown): void {
    end ??= { failure: { thrown } };
  }

  async function readAhead(): Promise<void> {
    while (!end && isOpen()) await askForMore();
  }

  function take({ done, value }: IteratorResult<StreamChunk[]>): void {
    asking = undefined;
    if (done) {
      end ??= {};
      return;
    }
    const last = held.at(-1);
    if (last && 'chunks' in last) held[held.length - 1] = { texts: last.chunks.map(({ text }) => text) };
    held.push({ chunks: value });
    for (const { text } of value) characters += text.length;
  }

  /** Once nobody new can come, what all have read is let go. */
  function letGo(): void {
    if (isOpen()) return;
    const read = Math.min(first + held.length, ...positions.values());
    held.splice(0, read - first);
    first = read;
  }

  async function* follow(signal: AbortSignal): AsyncGenerator<StreamChunk[]> {
    const reader = Symbol('reader');
    positions.set(reader, 0);
    try {
      for (let position = 0; ; position++) {
        while (position >= first + held.length && !end) await unlessAborted(askForMore(), signal);
        signal.throwIfAborted();
        const batch = held[position - first];
        if (!batch) break;
        positions.set(reader, position + 1);
        letGo();
        yield 'chunks' in batch ? batch.chunks : batch.texts.map((text) => ({ text, parsed: JSON.parse(text) }));
      }
      if (end?.failure) throw end.failure.thrown;
    } finally {
      positions.delete(reader);
      letGo();
    }
  }

  void readAhead();
  return {
    isOpen,
    follow,
    async readOn(signal) {
      while (!end) await unlessAborted(askForMore(), signal);
    },
    async cancel() {
      fail(clientClosed());
      await source.return(undefined).catch(() => {});
    },
  };
}
