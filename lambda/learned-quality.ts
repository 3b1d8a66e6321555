import type { Opinions } from './core/routing/learned-quality.ts';
import type { Signal } from './core/routing/signals.ts';
import type { TaskClass } from './core/routing/task-class.ts';

/** What callers have said of routed answers, for the whole deployment. */
export interface LearnedQuality {
  /** As it stands. */
  read(): Promise<Opinions>;
  /** The same, at most a minute old, older while the store is down. Never throws. */
  believed(): Promise<Opinions>;
  /** Counts a score, once for each request; `frozen` when nothing is counted at present. */
  add(score: {
    account: string;
    requestId: string;
    modelId: string;
    taskClass: TaskClass;
    score: number;
  }): Promise<'counted' | 'repeated' | 'frozen'>;
  /**
   * Counts signals: what speaks against a model within a second, the rest within five minutes, all of this process together, as long
   * as requests come. While frozen they are dropped. Never throws.
   */
  note(signals: readonly Signal[]): Promise<void>;
  setFrozen(isFrozen: boolean): Promise<void>;
  /** Forgets every score and signal, and that it was frozen. */
  reset(): Promise<void>;
}
