import { createParser } from 'eventsource-parser';
import { API_KEY } from '../api/gateway-under-test.ts';

/** What a caller got, read as a strict client reads it. */
export interface Received {
  status: number;
  headers: Headers;
  body: string;
  /** The JSON of a whole answer or an error, or of each event of a stream but `[DONE]`. */
  documents: Record<string, unknown>[];
  content: string;
  endings: string[];
  /** How many `[DONE]` there were, and whether one was the last event. */
  doneCount: number;
  isDoneLast: boolean;
}

export interface Question {
  model: string;
  fallback?: string;
  isStream: boolean;
  isHeld?: boolean;
  deadlineMs: number;
}

export interface Reply {
  /** Undefined when the gateway did not end its answer, or sent what is no JSON. */
  received: Received | undefined;
  /** Why `received` is undefined. */
  trouble: string | undefined;
}

/** A gateway that goes on answering so long after the deadline has hung. */
const GRACE_MS = 3_000;

/** Asks a gateway, and reads what it says as a strict client does. */
export async function ask(gatewayUrl: string, question: Question): Promise<Reply> {
  const { model, fallback, isStream, isHeld = false, deadlineMs } = question;
  const streamFields = isStream ? { stream: true, stream_options: { include_usage: true } } : {};
  try {
    const response = await fetch(`${gatewayUrl}/v1/chat/completions`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${API_KEY}`,
        'content-type': 'application/json',
        'x-headgate-timeout-ms': String(deadlineMs),
        'x-headgate-stream': isHeld ? 'held' : 'live',
        ...(fallback === undefined ? {} : { 'x-headgate-fallbacks': fallback }),
      },
      body: JSON.stringify({ model, messages: [{ role: 'user', content: 'Speak.' }], ...streamFields }),
      signal: AbortSignal.timeout(deadlineMs + GRACE_MS),
    });
    return { received: read(response, await response.text(), isStream), trouble: undefined };
  } catch (error) {
    return { received: undefined, trouble: `no answer that can be read: ${error}` };
  }
}

function read({ status, headers }: Response, body: string, isStream: boolean): Received {
  const events = isStream && status === 200 ? eventsIn(body) : [body];
  const documents = events
    .filter((data) => data !== '[DONE]')
    .map((data) => JSON.parse(data) as Record<string, unknown>);
  const choices = documents.flatMap(firstChoice);
  return {
    status,
    headers,
    body,
    documents,
    content: choices.map((choice) => (choice.delta ?? choice.message)?.content ?? '').join(''),
    endings: choices.flatMap(({ finish_reason: reason }) => (reason ? [reason] : [])),
    doneCount: events.filter((data) => data === '[DONE]').length,
    isDoneLast: events.at(-1) === '[DONE]',
  };
}

interface Choice {
  delta?: { content?: string };
  message?: { content?: string };
  finish_reason?: string | null;
}

function firstChoice({ choices }: Record<string, unknown>): Choice[] {
  return Array.isArray(choices) ? (choices.slice(0, 1) as Choice[]) : [];
}

function eventsIn(body: string): string[] {
  const events: string[] = [];
  const parser = createParser({ maxBufferSize: Number.POSITIVE_INFINITY, onEvent: ({ data }) => events.push(data) });
  parser.feed(body);
  return events;
}
