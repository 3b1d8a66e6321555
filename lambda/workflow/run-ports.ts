import type { CallProgress, StoredResult, StoredRun } from './run.ts';

/** Which part of a plan a state machine is at. It carries no prompt, no answer and no key. */
export interface RunPosition {
  kind: 'chat' | 'job';
  account: string;
  requestId: string;
  verdict: 'retry';
  waitSeconds: number;
  /** What is left to wait when the machine has: it counts whole seconds. */
  restMs: number;
  /** The step to take next, of the round's plan. */
  step: number;
  /** How often the plan has been begun, from 1. Only a job's is begun again. */
  round: number;
  /** How many steps were taken since the machine started: each is taken once, however often it is asked for. */
  visit: number;
}

/** What a state machine is told after a step. */
export type RunOutput =
  | RunPosition
  | (Omit<RunPosition, 'verdict'> & { verdict: 'answered' | 'failed' | 'erased'; notify: boolean });

/** A wait as a machine makes it: whole seconds, and the rest for the function that takes the step. */
export function waitOf(waitMs: number): Pick<RunPosition, 'waitSeconds' | 'restMs'> {
  const waitSeconds = Math.floor(waitMs / 1_000);
  return { waitSeconds, restMs: Math.round(waitMs - waitSeconds * 1_000) };
}

/** Where a machine begins with a run: at a step of its plan, after a wait. */
export function firstPosition(
  kind: RunPosition['kind'],
  { caller, requestId }: StoredRun,
  step: number,
  waitMs: number,
) {
  const begun = { verdict: 'retry', ...waitOf(waitMs), step, round: 1, visit: 0 } as const;
  return { kind, account: caller.account, requestId, ...begun } satisfies RunPosition;
}

/** The right to take a step, or what came of it when somebody has taken it. */
export type VisitClaim = { owner: string; progress: CallProgress } | { output: RunOutput };

/** Runs: requests whose plans a state machine works through, step by step in one process or another. */
export interface Runs {
  put(run: StoredRun): Promise<void>;
  find(account: string, requestId: string): Promise<StoredRun | undefined>;
  /** Takes a step for this process, or waits for the process that has it. */
  claim(run: StoredRun, position: RunPosition, leaseMs: number): Promise<VisitClaim>;
  /** Keeps what came of a step. */
  finish(position: RunPosition, owner: string, output: RunOutput, progress: CallProgress): Promise<void>;
  /** Lets others have a step that this process could not take to its end. */
  giveUp(position: RunPosition, owner: string): Promise<void>;
  /** Keeps the run's result; false when there is one already. */
  putResult(run: StoredRun, result: StoredResult): Promise<boolean>;
  result(account: string, requestId: string): Promise<StoredResult | undefined>;
  /** How far a run has come; undefined while no step has ended. */
  progress(account: string, requestId: string): Promise<CallProgress | undefined>;
  /** Removes all of a run; false when there was nothing. */
  remove(account: string, requestId: string): Promise<boolean>;
  /** True once somebody has taken a step. */
  isBegun(account: string, requestId: string): Promise<boolean>;
}

/** Runs the rest of a chat's plan outside this process, to its end: its result then lies in the runs. */
export interface FallbackRunner {
  /** Throws the signal's reason when that ends it. */
  run(position: RunPosition, signal: AbortSignal): Promise<'ended' | 'not started'>;
}

/** Starts the plan of a job, once for each request id, and does not wait for it. */
export interface JobStarter {
  start(position: RunPosition): Promise<void>;
}
