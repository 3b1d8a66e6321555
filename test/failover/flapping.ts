import { setTimeout as pause } from 'node:timers/promises';
import { startGatewayUnderTest } from '../api/gateway-under-test.ts';
import { errorOf } from './answers.ts';
import { ask } from './caller.ts';
import { type FaultProvider, type Play, startFaultProvider } from './fault-provider.ts';
import { JSON_HEADERS } from './fault-wire.ts';
import { type Ending, endingOf, type Judgement } from './judge.ts';
import { environmentOf, newModels, overridesOf, type Profile } from './profiles.ts';

/** The circuit opens after so many failures within ten seconds. */
export const FAILURES_TO_OPEN = 5;

/** While it is open, one call in this time may look whether the provider is up again. */
export const PROBE_EVERY_MS = 5_000;

/** A provider that is down until a time by `performance.now()`. */
export function downUntil(upAtMs: number): Play {
  return (wire) =>
    performance.now() < upAtMs
      ? wire.whole(503, JSON_HEADERS, errorOf('The engine is currently overloaded.', 'overloaded'))
      : wire.answer();
}

interface Served {
  sentAtMs: number;
  endedAtMs: number;
  ending: Ending;
}

/** S15: a primary that is down and then up again, one stream after another through one gateway. */
export async function runFlapping(profile: Profile): Promise<Judgement> {
  const { downMs, requests, everyMs } = profile.flapping;
  const models = newModels();
  const startedAtMs = performance.now();
  const upAtMs = startedAtMs + downMs;
  const primary = await startFaultProvider('primary', profile.times, downUntil(upAtMs));
  const secondary = await startFaultProvider('secondary', profile.times, (wire) => wire.answer());
  const environment = environmentOf(primary.url, secondary.url);
  const gateway = await startGatewayUnderTest({
    isResilient: true,
    environment,
    overrides: overridesOf(profile, models),
  });
  const served: Served[] = [];
  for (let index = 0; index < requests; index += 1) {
    await pause(Math.max(0, startedAtMs + index * everyMs - performance.now()));
    const sentAtMs = performance.now();
    const question = { model: models.primary, fallback: models.secondary, isStream: true };
    const { received } = await ask(gateway.url, { ...question, deadlineMs: profile.deadlineMs });
    served.push({ sentAtMs, endedAtMs: performance.now(), ending: endingOf(received) });
  }
  const problems = [...flappingProblems(profile, upAtMs, served)];
  const advice = flappingAdvice(profile, upAtMs, primary);
  await Promise.all([primary.close(), secondary.close()]);
  await gateway.close();
  const best = advice.length > 0 ? 'partial' : 'pass';
  return { verdict: problems.length > 0 ? 'fail' : best, problems, advice };
}

function* flappingProblems({ flapping }: Profile, upAtMs: number, served: Served[]): Generator<string> {
  const lost = served.filter(({ ending }) => ending !== 'primary' && ending !== 'secondary');
  if (lost.length > 0) yield `${lost.length} of ${served.length} requests were not answered`;
  const back = served.find(({ ending }) => ending === 'primary');
  const recoveredMs = (back?.endedAtMs ?? Number.POSITIVE_INFINITY) - upAtMs;
  if (recoveredMs > flapping.recoveredWithinMs)
    yield `the primary was in use again after ${Math.round(recoveredMs)} ms`;
}

/** Failover Bench only notes how often a provider that is down is called. */
function flappingAdvice({ flapping }: Profile, upAtMs: number, { calls }: FaultProvider): string[] {
  const whileDown = calls.filter(({ arrivedAtMs }) => arrivedAtMs < upAtMs).length;
  const mostCalls = FAILURES_TO_OPEN + Math.ceil(flapping.downMs / PROBE_EVERY_MS);
  return whileDown > mostCalls ? [`the primary was called ${whileDown} times while down, not ${mostCalls}`] : [];
}
