import type { Call } from '../call.ts';
import type { Step } from '../core/chain.ts';
import { given } from '../core/given.ts';
import type { Clock, Observer } from '../ports.ts';
import type { ProviderCall } from '../provider-call.ts';
import type { Answer } from './attempt.ts';

type CallEnd = {
  [Field in 'usage' | 'finishReason' | 'errorCode' | 'timeToFirstTokenMs']?: ProviderCall[Field] | undefined;
};

interface TellPorts {
  observer: Observer;
  clock: Clock;
}

/** Tells of a call to a provider that is over. */
export function tellCall(
  { observer, clock }: TellPorts,
  { requestId }: Call,
  { modelId, model }: Step,
  { isStream, startedAtMs }: Pick<ProviderCall, 'isStream' | 'startedAtMs'>,
  end: CallEnd,
): void {
  observer.providerCalled({
    requestId,
    provider: model.provider,
    model: modelId,
    upstreamModel: model.upstreamName,
    isStream,
    startedAtMs,
    endedAtMs: clock(),
    ...given(end),
  });
}

/** Tells of a whole answer's call. A stream's is over with the stream. */
export function tellAnswer(ports: TellPorts, call: Call, step: Step, startedAtMs: number, answer: Answer): void {
  if (answer.kind === 'stream') return;
  const { usage, facts } = answer;
  tellCall(ports, call, step, { isStream: false, startedAtMs }, { usage, finishReason: facts.finishReason });
}
