import { readdirSync, readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { basename, join } from 'node:path';

/** What a refusal must be taken for; named after what happened at the provider. */
export const VERDICTS = {
  rateLimit: 'transient',
  overloaded: 'transient',
  badKey: 'key',
  noBalance: 'key',
  contextLength: 'model',
  contentFilter: 'model',
  unknownModel: 'model',
  tooLargeForTheMinute: 'model',
  wrongField: 'caller',
} as const;

/** A refusal as a provider sends it. `{{key}}` in its body stands for the key it was called with. */
export interface RecordedRefusal {
  status: number;
  headers: Record<string, string>;
  body: unknown;
  /** What the verdict keeps of it, where it says so. */
  retryAfterSeconds?: number;
  param?: string;
}

/** A provider's answers in its own shapes, and what they say; the words are ours. One file a provider. */
export interface RecordedAnswers {
  /** The model of ours that gives them. */
  model: string;
  /** What the provider's documentation wants of a request. */
  takes: { keyHeader: string; maxTokensField: string; streamOptions: boolean };
  content: string;
  usage: { input: number; output: number; cacheRead: number; reasoning: number };
  whole: { usage: Record<string, number> };
  /** The events of a stream: objects are sent as data, texts as they are, comments among them. */
  stream: (object | string)[];
  /** A whole answer that the provider's filter took, for those that say so with status 200. */
  filtered?: object;
  refusals: Partial<Record<keyof typeof VERDICTS, RecordedRefusal>>;
}

/** All that is recorded, by provider id. */
export function recordedAnswers(): Record<string, RecordedAnswers> {
  const folder = join(import.meta.dirname, 'answers');
  return Object.fromEntries(
    readdirSync(folder).map((file) => [
      basename(file, '.json'),
      JSON.parse(readFileSync(join(folder, file), 'utf8')) as RecordedAnswers,
    ]),
  );
}

/** Sends a whole answer. */
export function playWhole(response: ServerResponse, whole: object): void {
  response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(whole));
}

/** Sends a stream, event by event. */
export function playStream(response: ServerResponse, events: RecordedAnswers['stream']): void {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
  for (const event of events) {
    const isComment = typeof event === 'string' && event.startsWith(':');
    response.write(
      isComment ? `${event}\n\n` : `data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`,
    );
  }
  response.end();
}

/** Sends a refusal, with the caller's key where the provider would repeat it. */
export function playRefusal(response: ServerResponse, { status, headers, body }: RecordedRefusal, key: string): void {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(text.replaceAll('{{key}}', key));
}
