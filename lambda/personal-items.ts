import type { StoredRun } from './workflow/run.ts';

/** What is kept of an account's end users beside usage events and kept answers. */
export type PersonalKind = 'jobs' | 'idempotentAnswers' | 'conversations' | 'scores';

/** One of these, without what is in it. */
export interface PersonalItem {
  id: string;
  /** Absent of a score, whose id is that of its request, and where nobody was named. */
  user?: string;
  startedAtMs: number;
  expiresAtMs: number;
  /** The order that erased this job; what is left of it waits for the order's last turn. */
  erasedBy?: string;
}

export interface PersonalItems {
  /** Before a job is kept: whose it is, so that it can be found. */
  noteJob(run: StoredRun): Promise<void>;
  of(kind: PersonalKind, account: string): AsyncGenerator<PersonalItem>;
  /** Takes the end user off a job that has been erased. */
  markErased(account: string, jobId: string, order: string): Promise<void>;
  /** Removes an item, of a job only the note. False when there was none. */
  remove(kind: PersonalKind, account: string, id: string): Promise<boolean>;
}
