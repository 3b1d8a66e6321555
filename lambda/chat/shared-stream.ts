import { type Broadcast, broadcast } from '../coalescing/broadcast.ts';
import { type Assembly, addChunk, assembled, newAssembly } from '../core/assemble-completion.ts';
import { mayBeEmpty } from '../core/chat-request.ts';
import { judgeCompletion } from '../core/completion.ts';
import type { StreamChunk } from '../providers/provider-wire.ts';
import type { StreamedAnswer } from '../workflow/attempt.ts';
import { isWanted, type KeepPorts, passOn } from './pass-on.ts';
import type { ServedChat } from './served-chat.ts';
import { streamUsage } from './stream-usage.ts';

/** A stream for its caller, of which others may have a part. */
export interface SharedStream {
  batches: AsyncGenerator<StreamChunk[]>;
  /** The caller has gone, or the stream broke: it is read on for as long as others need it. Never throws. */
  release(): Promise<void>;
}

/**
 * The stream of an answer for its caller. Where the cache or others want it, it is gathered on its way, and passed on when it is
 * whole, whether or not the caller has read it by then; others of this process can follow it from its beginning.
 */
export function sharedStream(ports: KeepPorts, served: ServedChat, answer: StreamedAnswer): SharedStream {
  const { context, request, step } = served;
  const { call, lifetime, deadlineAtMs } = context;
  const batches = isWanted(call) ? gathered(ports, served, answer) : answer.batches;
  if (!call.lead || request.options.isHeld) return { batches, release: async () => {} };
  const live = broadcast(batches);
  call.lead.flight.stream({ leader: call.requestId, modelId: step.modelId, deadlineAtMs, broadcast: live });
  return { batches: live.follow(lifetime.caller), release: () => readForOthers(live, lifetime.signal) };
}

async function readForOthers(live: Broadcast, signal: AbortSignal): Promise<void> {
  // Those who follow hear of what goes wrong, too.
  await live.readOn(signal).catch(() => {});
  await live.cancel();
}

/** The same stream; at its end what it said is passed on. */
async function* gathered(ports: KeepPorts, served: ServedChat, answer: StreamedAnswer): AsyncGenerator<StreamChunk[]> {
  const assembly = newAssembly();
  for await (const batch of answer.batches) {
    for (const { parsed } of batch) addChunk(assembly, parsed);
    yield batch;
  }
  passOnAssembled(ports, served, answer, assembly);
}

/** Passes a stream on as the whole answer it was, if it makes one. */
function passOnAssembled(ports: KeepPorts, served: ServedChat, { progress }: StreamedAnswer, assembly: Assembly): void {
  const { call } = served.context;
  const body = assembled(assembly);
  const facts = judgeCompletion(body, mayBeEmpty(served.request));
  if (!body || 'flaw' in facts) return;
  const usage = streamUsage(served.request, progress);
  call.usage = usage;
  passOn(ports, call, { body, text: JSON.stringify(body), facts, usage }, served.request);
}
