import { afterTurn, type ErasedCounts, type Erasure, isAbout, isDue, isLastTurn, noneErased } from '../core/erasure.ts';
import { given } from '../core/given.ts';
import type { UsageEvent } from '../core/usage-event.ts';
import type { ResponseCache } from '../kept-answers.ts';
import type { PersonalItems } from '../personal-items.ts';
import type { Clock, Erasures } from '../ports.ts';
import { erasedRun } from '../workflow/run.ts';
import type { Runs } from '../workflow/run-ports.ts';

export interface ErasePorts {
  erasures: Erasures;
  /** Takes end users and tags out of events, each after it was given out. */
  eraseEvents(which: { account: string; user: string | undefined; untilMs: number }): AsyncGenerator<UsageEvent>;
  responseCache: Pick<ResponseCache, 'list' | 'remove'>;
  personalItems: Pick<PersonalItems, 'of' | 'markErased' | 'remove'>;
  jobRuns: Pick<Runs, 'find' | 'result' | 'progress' | 'put' | 'remove'>;
  chatRuns: Pick<Runs, 'remove'>;
  clock: Clock;
}

/** The plan of a chat is not kept for longer after its request began. */
const PLANS_KEPT_MS = 3_600_000;

/**
 * Carries out the orders to erase that are under way, as far as they can be now. Doing it twice changes nothing. Throws, once
 * all have had their turn, what went wrong with one.
 */
export async function carryOutErasures(ports: ErasePorts): Promise<void> {
  let failure: { thrown: unknown } | undefined;
  for (const erasure of await ports.erasures.pending()) {
    if (!isDue(erasure, ports.clock())) continue;
    try {
      await ports.erasures.progress(await takeTurn(ports, erasure));
    } catch (thrown) {
      failure ??= { thrown };
    }
  }
  if (failure) throw failure.thrown;
}

async function takeTurn(ports: ErasePorts, erasure: Erasure): Promise<Erasure> {
  const nowMs = ports.clock();
  const erased = noneErased();
  erased.keptAnswers = await eraseKeptAnswers(ports, erasure);
  erased.idempotentAnswers = await eraseItems(ports, erasure, 'idempotentAnswers');
  erased.conversations = await eraseItems(ports, erasure, 'conversations');
  erased.jobs = await eraseJobs(ports, erasure, isLastTurn(erasure, nowMs));
  await eraseEvents(ports, erasure, erased, nowMs);
  return afterTurn(erasure, erased, nowMs);
}

async function eraseKeptAnswers({ responseCache }: ErasePorts, { account, user }: Erasure): Promise<number> {
  const kept = await responseCache.list({ account }, given({ user }));
  await responseCache.remove({ account }, kept);
  return kept.length;
}

async function eraseItems(
  { personalItems }: ErasePorts,
  erasure: Erasure,
  kind: 'idempotentAnswers' | 'conversations',
): Promise<number> {
  let removed = 0;
  for await (const item of personalItems.of(kind, erasure.account)) {
    if (isAbout(erasure, item) && (await personalItems.remove(kind, erasure.account, item.id))) removed += 1;
  }
  return removed;
}

/**
 * A job's request, its answer and what its calls said. One that is not over stays as an empty run, with which its machine comes
 * to its end; what a call that was under way may have kept at that very moment goes with the last turn.
 */
async function eraseJobs(ports: ErasePorts, erasure: Erasure, isLast: boolean): Promise<number> {
  const { personalItems } = ports;
  const { account, id } = erasure;
  let erased = 0;
  for await (const item of personalItems.of('jobs', account)) {
    const isMarked = item.erasedBy === id;
    if (!isAbout(erasure, item) && !(isMarked && isLast)) continue;
    await eraseJob(ports, account, item.id);
    if (isMarked) await personalItems.remove('jobs', account, item.id);
    else {
      await personalItems.markErased(account, item.id, id);
      erased += 1;
    }
  }
  return erased;
}

async function eraseJob({ jobRuns }: ErasePorts, account: string, jobId: string): Promise<void> {
  const run = await jobRuns.find(account, jobId);
  const isOver = (await jobRuns.result(account, jobId)) !== undefined;
  const progress = run && !isOver ? await jobRuns.progress(account, jobId) : undefined;
  await jobRuns.remove(account, jobId);
  if (run && !isOver) await jobRuns.put(erasedRun(run, progress ?? run.progress));
}

/** What is found by the ids of requests goes before their events lose their names. */
async function eraseEvents(ports: ErasePorts, erasure: Erasure, erased: ErasedCounts, nowMs: number): Promise<void> {
  const { personalItems, chatRuns } = ports;
  const { account, user, requestedAtMs } = erasure;
  for await (const { requestId, startedAtMs, routing } of ports.eraseEvents({
    account,
    user,
    untilMs: requestedAtMs,
  })) {
    const mayHavePlan = startedAtMs > nowMs - PLANS_KEPT_MS;
    if (mayHavePlan && (await chatRuns.remove(account, requestId))) erased.plans += 1;
    if (routing && (await personalItems.remove('scores', account, requestId))) erased.scores += 1;
    erased.requests += 1;
  }
}
