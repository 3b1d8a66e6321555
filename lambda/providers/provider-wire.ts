import type { Step } from '../core/chain.ts';
import type { ChatRequest } from '../core/chat-request.ts';
import type { Provider } from '../core/configuration.ts';
import type { JsonObject } from '../core/json-body.ts';

/** What a wire asks of a provider, below its base URL. The key is added by whoever sends it. */
export interface WireRequest {
  path: string;
  headers: Readonly<Record<string, string>>;
  body: JsonObject;
}

/** One piece of a provider's stream as an OpenAI chunk: its JSON text, to be relayed as it is, and the same parsed. */
export interface StreamChunk {
  text: string;
  parsed: JsonObject;
}

/** What the data of one server-sent event means. */
export interface WireEvent {
  chunks: readonly StreamChunk[];
  /** No event that follows belongs to the answer. */
  isLast: boolean;
}

/**
 * The format a provider speaks, translated from and to OpenAI's. The pipeline behind it checks, counts and relays one
 * format only: a wire says what the provider said, and judges nothing.
 */
export interface ProviderWire {
  request(request: ChatRequest, step: Step, provider: Provider): WireRequest;
  /** A whole answer as an OpenAI chat completion; `text` is the provider's own JSON. */
  completion(parsed: unknown, text: string): { body: unknown; text: string };
  /** Reads one stream, event by event. Throws a SyntaxError for data that is not JSON. */
  streamReader(): (data: string) => WireEvent;
  /** The body of a refusal as OpenAI's `{error: {message, type, code, param}}`. */
  refusal(body: unknown): unknown;
}
