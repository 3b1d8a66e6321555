import type { Route } from '../core/chain.ts';
import type { ChatRequest, RequestOptions } from '../core/chat-request.ts';
import type { ErrorBody } from '../core/errors.ts';
import type { JsonObject } from '../core/json-body.ts';
import type { MicroDollars } from '../core/price.ts';
import type { TokenUsage } from '../core/usage.ts';
import type { StreamChunk } from '../providers/provider-wire.ts';
import type { CompleteAnswer } from '../workflow/attempt.ts';

/** What is known about an answer when it is over. */
export interface ChatResult {
  requestId: string;
  model: string;
  provider: string;
  route: Route;
  attempts: number;
  usage: TokenUsage;
  costMicroDollars: MicroDollars;
  /** The answer was kept from an earlier request. */
  cached: boolean;
  latencyMs: number;
  finishReason: string;
  /** `id`, `created` and `model` of the provider's chunks; empty for an answer that was not streamed. */
  identity: JsonObject;
}

/** Writes one answer as server-sent events. */
export interface StreamWriter {
  /** The text for one chunk; empty when the caller is not to see it. */
  chunk(chunk: StreamChunk): string;
  end(result: ChatResult): string;
  error(body: ErrorBody): string;
}

/** A format in which callers speak to the gateway. The pipeline behind is the same for all. */
export interface ChatWire {
  name: string;
  /** The caller's body as a request; throws a 400 naming the field that makes no sense. */
  parse(body: JsonObject, options: RequestOptions): ChatRequest;
  answer(answer: CompleteAnswer, result: ChatResult): string;
  stream(request: ChatRequest): StreamWriter;
}

/** One server-sent event (WHATWG HTML, section 9.2). Line breaks inside JSON text become several `data` lines. */
export function serverSentEvent(data: string, event?: string): string {
  const name = event === undefined ? '' : `event: ${event}\n`;
  const lines = data.includes('\n') ? data.replaceAll('\n', '\ndata: ') : data;
  return `${name}data: ${lines}\n\n`;
}
