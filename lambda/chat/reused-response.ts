import type { TimedContext } from '../call.ts';
import type { FollowedAnswer } from '../coalescing/flights.ts';
import { choicesOf, mayBeEmpty } from '../core/chat-request.ts';
import type { Configuration, Model } from '../core/configuration.ts';
import type { JsonObject } from '../core/json-body.ts';
import { invalidAnswer } from '../core/provider-failure.ts';
import { chunksOf } from '../core/replay-completion.ts';
import { followChunk, isComplete, newStreamProgress, type StreamProgress } from '../core/stream-progress.ts';
import type { HttpResponse } from '../http.ts';
import type { StreamChunk } from '../providers/provider-wire.ts';
import { completeResponse } from './complete-response.ts';
import type { ServedChat } from './served-chat.ts';
import { type StreamPorts, streamResponse } from './stream-response.ts';

/**
 * The answer to another request as this caller wants it, whole or as a stream, whichever way it was given first; or that
 * answer's stream while it is made. It costs nothing.
 */
export function reusedResponse(
  ports: StreamPorts & { configuration: Configuration },
  context: TimedContext,
): HttpResponse {
  const { call, lifetime } = context;
  const { chat, plan, reused } = call;
  if (!chat || !plan || !reused) throw new Error('There is no answer to reuse');
  const { wire, request } = chat;
  const { modelId, answer } = reused;
  const step = { modelId, model: ports.configuration.models[modelId] as Model, waitMs: 0, timeoutMs: 0 };
  call.step = step;
  call.firstContentAtMs = ports.clock();
  const served: ServedChat = { context, wire, request, plan, step };
  const progress = newStreamProgress(choicesOf(request), mayBeEmpty(request));
  if ('broadcast' in answer) {
    const batches = followed(answer, lifetime.signal, progress);
    return streamResponse(ports, served, { kind: 'stream', progress, batches }, true);
  }
  const { text, facts, usage } = answer;
  const body = JSON.parse(text) as JsonObject;
  if (request.stream) {
    return streamResponse(ports, served, { kind: 'stream', progress, batches: replay(body, progress) }, true);
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

async function* followed(
  { broadcast, leave }: FollowedAnswer,
  signal: AbortSignal,
  progress: StreamProgress,
): AsyncGenerator<StreamChunk[]> {
  try {
    for await (const batch of broadcast.follow(signal)) {
      for (const { parsed } of batch) followChunk(progress, parsed);
      yield batch;
    }
    if (!isComplete(progress)) throw invalidAnswer('it was cut');
  } finally {
    leave();
  }
}
