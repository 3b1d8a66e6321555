import { textOf } from './answers.ts';
import type { Received } from './caller.ts';
import type { Cell, Fault, Verdict } from './fault.ts';
import type { ProviderCall } from './fault-wire.ts';
import { answerProblems, errorProblems } from './judge-caller.ts';
import { ledgerProblems } from './judge-ledger.ts';
import type { Profile } from './profiles.ts';
import { endsWithAssistant, type Observation } from './run-cell.ts';

export interface Judgement {
  verdict: Verdict;
  /** What must not be. */
  problems: string[];
  /** What only counts as advice. */
  advice: string[];
}

/** How the request ended for its caller. */
export type Ending = 'primary' | 'secondary' | 'refused' | 'broken' | 'other';

const MOST_CALLS = 4;
const MOST_GROWTH_BYTES = 64 * 1_048_576;

/** Timers are late by a little, and a deadline may be by half a second. */
const EARLY_MS = 20;
const LATE_MS = 500;

/** Weighs what was observed against what the fault allows for. */
export function judge(fault: Fault, cell: Cell, profile: Profile, observation: Observation): Judgement {
  const ending = endingOf(observation.received);
  const problems = [
    ...timeProblems(fault, profile, observation),
    ...callerProblems(fault, cell, ending, observation),
    ...providerProblems(fault, cell, ending, profile, observation),
    ...ledgerProblems(fault, ending, observation),
    ...processProblems(fault, observation),
  ];
  const advice = adviceFor(fault, cell, profile, observation);
  return { verdict: verdictOf(fault, ending, problems, advice), problems, advice };
}

export function endingOf(received: Received | undefined): Ending {
  if (!received) return 'other';
  const { status, content, endings, documents } = received;
  const isWhole = endings.length === 1 && endings[0] === 'stop';
  if (status === 200 && isWhole && content === textOf('primary')) return 'primary';
  if (status === 200 && isWhole && content === textOf('secondary')) return 'secondary';
  const hasError = documents.at(-1)?.error !== undefined;
  if (hasError) return status === 200 ? 'broken' : 'refused';
  return 'other';
}

function verdictOf({ nature }: Fault, ending: Ending, problems: string[], advice: string[]): Verdict {
  if (problems.length > 0) return 'fail';
  const isAnswered = ending === 'primary' || ending === 'secondary';
  const isBest = nature === 'refused' ? ending === 'refused' : isAnswered;
  if (!isBest) return nature === 'refused' ? 'partial' : 'safe';
  return advice.length > 0 ? 'partial' : 'pass';
}

function* timeProblems(fault: Fault, profile: Profile, { trouble, elapsedMs }: Observation): Generator<string> {
  if (trouble !== undefined) yield trouble;
  const limitMs = fault.withinMs?.(profile) ?? profile.deadlineMs + LATE_MS;
  if (elapsedMs > limitMs) yield `it took ${Math.round(elapsedMs)} ms of ${limitMs}`;
}

function* callerProblems(fault: Fault, cell: Cell, ending: Ending, observation: Observation): Generator<string> {
  const { received } = observation;
  if (!received) return;
  const allowed = allowedEndings(fault, cell);
  if (!allowed.includes(ending)) yield `it ended as ${ending}, not as ${allowed.join(' or ')}: ${excerpt(received)}`;
  yield* ending === 'primary' || ending === 'secondary'
    ? answerProblems(received, cell, observation.models[ending])
    : errorProblems(fault, received, ending);
}

/** An answer where there can be one, an error where there cannot, and that, too, where one of the fallback was missed. */
function allowedEndings({ nature }: Fault, { isStream, hasFallback, isHeld }: Cell): Ending[] {
  switch (nature) {
    case 'refused':
      return hasFallback ? ['refused', 'secondary'] : ['refused'];
    case 'harmless':
      return ['primary'];
    case 'heals':
      return hasFallback ? ['primary', 'secondary'] : ['primary', 'refused'];
    case 'slow':
      return hasFallback ? ['primary', 'secondary', 'refused'] : ['primary', 'refused'];
    case 'breaks':
      if (isStream && !isHeld) return ['broken', 'secondary'];
      return hasFallback ? ['secondary', 'refused'] : ['refused'];
    case 'lasts':
      return hasFallback ? ['secondary', 'refused'] : ['refused'];
  }
}

function excerpt({ status, body }: Received): string {
  return `${status} ${body.slice(0, 200)}`;
}

function* providerProblems(
  fault: Fault,
  cell: Cell,
  ending: Ending,
  { times }: Profile,
  { primaryCalls, secondaryCalls }: Observation,
): Generator<string> {
  const mostCalls = mostCallsFor(fault, cell);
  if (primaryCalls.length > mostCalls) yield `the primary was called ${primaryCalls.length} times, not ${mostCalls}`;
  if (secondaryCalls.length > (ending === 'secondary' ? 1 : 0)) {
    yield `the fallback was called ${secondaryCalls.length} times`;
  }
  const gaps = gapsOf(primaryCalls);
  const leastMs = fault.leastGapMs?.(times) ?? 0;
  if (gaps.some((gap) => gap < leastMs - EARLY_MS)) yield `it waited ${gaps.map(Math.round)} ms instead of ${leastMs}`;
  const open = primaryCalls.filter(({ isOver, givenUpAtMs }) => !isOver && givenUpAtMs === undefined);
  if (open.length > 0 && fault.nature !== 'harmless') yield `${open.length} connections were left open`;
  const sentBytes = Math.max(0, ...primaryCalls.map((call) => call.sentBytes));
  if (sentBytes > (fault.mostSentBytes ?? Number.POSITIVE_INFINITY)) yield `it took ${sentBytes} bytes`;
  const all = [...primaryCalls, ...secondaryCalls];
  if (all.some(({ path }) => path !== '/v1/chat/completions')) yield 'a redirect was followed';
  if (all.some(endsWithAssistant)) yield 'words of the assistant were put into a request';
}

function mostCallsFor({ nature, maximumCalls = MOST_CALLS }: Fault, { isHeld }: Cell): number {
  if (nature === 'refused' || nature === 'harmless') return 1;
  // Of a held stream nothing is out when it breaks, so the same model may be tried again.
  return nature === 'breaks' && isHeld ? MOST_CALLS : maximumCalls;
}

function gapsOf(calls: ProviderCall[]): number[] {
  return calls.slice(1).map(({ arrivedAtMs }, index) => arrivedAtMs - (calls[index]?.arrivedAtMs ?? 0));
}

function* processProblems(fault: Fault, { isAliveAfter, trouble, grownBytes }: Observation): Generator<string> {
  if (!isAliveAfter && trouble === undefined) yield 'a good request afterwards was not answered';
  if (fault.isMemoryBound && grownBytes > MOST_GROWTH_BYTES) {
    yield `memory grew by ${Math.round(grownBytes / 1_048_576)} MB`;
  }
}

function adviceFor(fault: Fault, { hasFallback }: Cell, profile: Profile, observation: Observation): string[] {
  const calls = observation.primaryCalls.length;
  if (fault.wantsRetry && calls < 2) return ['the same model was not tried again'];
  // Without a fallback there is nothing better to do with the time that is left.
  if (!hasFallback) return [];
  if (fault.wantsNoRetry && calls > 1) return ['a silent provider was tried again'];
  const wantedMs = fault.wantsWithinMs?.(profile) ?? Number.POSITIVE_INFINITY;
  return observation.elapsedMs > wantedMs ? ['a slow provider was waited for'] : [];
}
