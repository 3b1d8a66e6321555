import type { Step } from '../core/chain.ts';
import type { ChatRequest } from '../core/chat-request.ts';
import type { Provider } from '../core/configuration.ts';
import type { JsonObject } from '../core/json-body.ts';
import { HOPS_HEADER } from '../core/request-options.ts';

/** The HTTP request that asks this provider for this answer over the OpenAI wire. Unknown fields pass untouched. */
export function openAiRequest(
  request: ChatRequest,
  { model }: Step,
  provider: Provider,
  key: string | undefined,
): { url: string; headers: Record<string, string>; body: string } {
  const body: JsonObject = { ...request.body, model: model.upstreamName };
  if (request.maxTokens !== undefined) {
    delete body.max_tokens;
    delete body.max_completion_tokens;
    body[provider.maxTokensField] = request.maxTokens;
  }
  if (request.stream) {
    body.stream = true;
    if (provider.takesStreamOptions) body.stream_options = { ...request.streamOptions, include_usage: true };
  }
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    accept: request.stream ? 'text/event-stream' : 'application/json',
    'user-agent': 'headgate',
    [HOPS_HEADER]: String(request.options.hops ?? 1),
  };
  if (key !== undefined) headers.authorization = `Bearer ${key}`;
  return { url: `${provider.baseUrl}/chat/completions`, headers, body: JSON.stringify(body) };
}
