import type { SettlingContext } from '../call.ts';
import { choicesOf } from '../core/chat-request.ts';
import type { Configuration, Model } from '../core/configuration.ts';
import type { JsonObject } from '../core/json-body.ts';
import { chunksOf } from '../core/replay-completion.ts';
import { followChunk, newStreamProgress, type StreamProgress } from '../core/stream-progress.ts';
import type { HttpResponse } from '../http.ts';
import type { StreamChunk } from '../providers/provider-wire.ts';
import { completeResponse } from './complete-response.ts';
import type { Lifetime } from './lifetime.ts';
import type { ServedChat } from './served-chat.ts';
import { type StreamPorts, streamResponse } from './stream-response.ts';

/**
 * The answer to another request as this caller wants it, whole or as a stream, whichever way it was given first. It costs
 * nothing.
 */
export function reusedResponse(
  ports: StreamPorts & { configuration: Configuration },
  context: SettlingContext,
  lifetime: Lifetime,
): HttpResponse {
  const { call } = context;
  const { chat, plan, reused } = call;
  if (!chat || !plan || !reused) throw new Error('There is no answer to reuse');
  const { wire, request } = chat;
  const { modelId, answer } = reused;
  const step = { modelId, model: ports.configuration.models[modelId] as Model, waitMs: 0, timeoutMs: 0 };
  call.step = step;
  call.firstContentAtMs = ports.clock();
  const served: ServedChat = { context, wire, request, plan, step };
  const body = JSON.parse(answer.text) as JsonObject;
  const { text, facts, usage } = answer;
  if (request.stream) {
    const progress = newStreamProgress(choicesOf(request));
    return streamResponse(ports, served, { kind: 'stream', progress, batches: replay(body, progress) }, lifetime, true);
  }
  lifetime.end();
  return completeResponse(ports, served, { kind: 'complete', body, text, facts, usage });
}

async function* replay(body: JsonObject, progress: StreamProgress): AsyncGenerator<StreamChunk[]> {
  for (const parsed of chunksOf(body)) {
    followChunk(progress, parsed);
    yield [{ text: JSON.stringify(parsed), parsed }];
  }
}
