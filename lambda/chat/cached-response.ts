import type { SettlingContext } from '../call.ts';
import { choicesOf } from '../core/chat-request.ts';
import type { Configuration, Model } from '../core/configuration.ts';
import type { JsonObject } from '../core/json-body.ts';
import { chunksOf } from '../core/replay-completion.ts';
import { followChunk, newStreamProgress, type StreamProgress } from '../core/stream-progress.ts';
import type { HttpResponse } from '../http.ts';
import type { CachedAnswer } from '../kept-answers.ts';
import type { StreamChunk } from '../providers/provider-wire.ts';
import { completeResponse } from './complete-response.ts';
import type { Lifetime } from './lifetime.ts';
import type { ServedChat } from './served-chat.ts';
import { type StreamPorts, streamResponse } from './stream-response.ts';

/** A kept answer as the caller wants it, whole or as a stream, whichever way it was given first. It costs nothing. */
export function cachedResponse(
  ports: StreamPorts & { configuration: Configuration },
  context: SettlingContext,
  hit: CachedAnswer,
  lifetime: Lifetime,
): HttpResponse {
  const { call } = context;
  const { chat, plan } = call;
  if (!chat || !plan) throw new Error('planModels must run before an answer');
  const { wire, request } = chat;
  const model = ports.configuration.models[plan.asked] as Model;
  const step = { modelId: plan.asked, model, waitMs: 0, timeoutMs: 0 };
  call.step = step;
  call.firstContentAtMs = ports.clock();
  const served: ServedChat = { context, wire, request, plan, step };
  const body = JSON.parse(hit.text) as JsonObject;
  const { text, facts, usage } = hit;
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
