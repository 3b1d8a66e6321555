import type { AttemptRecord, RoutingRecord } from '../usage-event.ts';
import type { TaskClass } from './task-class.ts';

/** What a routed request tells of a model without anybody having said so. */
export interface Signal {
  modelId: string;
  taskClass: TaskClass;
  /** Answers it gave, or failed to give. */
  answers: number;
  /** How much of them was lost, in thousandths of an answer. */
  lostThousandths: number;
}

/** The answer that a conversation had last, and is asked for once more. */
export interface AskedAgain {
  modelId: string;
  taskClass: TaskClass;
}

/** A whole answer that its reader wanted anew. */
const ASKED_AGAIN = 1_000;
/** The model chosen failed, and another one answered: that says nothing of its answers, and a little of relying on it. */
const FAILED_OVER = 500;
/** It answered when it was called once more. */
const RETRIED = 250;

/** Failures of a call that was made. What was refused before, by a budget or an open circuit, is not the model's. */
const ITS_OWN: ReadonlySet<string> = new Set(['provider_failed', 'provider_timeout', 'provider_invalid_answer']);

/** What became of a request, as far as models are judged by it. */
interface Ended {
  routing: RoutingRecord;
  /** The model that answered the request whole; undefined where none did. */
  answeredBy: string | undefined;
  attemptLog: readonly AttemptRecord[];
  askedAgain: AskedAgain | undefined;
}

/** What is to be learned of a routed request. Answers of a fallback are counted for the fallback, by the same class. */
export function signalsOf({ routing, answeredBy, attemptLog, askedAgain }: Ended): Signal[] {
  const { taskClass, model: chosen } = routing;
  const failed = (modelId: string) =>
    attemptLog.some(({ model, error }) => model === modelId && error !== undefined && ITS_OWN.has(error));
  const signals: Signal[] = [];
  if (askedAgain) signals.push({ ...askedAgain, answers: 0, lostThousandths: ASKED_AGAIN });
  if (answeredBy === undefined) return signals;
  const lostThousandths = failed(answeredBy) ? RETRIED : 0;
  signals.push({ modelId: answeredBy, taskClass, answers: 1, lostThousandths });
  if (answeredBy !== chosen && failed(chosen)) {
    signals.push({ modelId: chosen, taskClass, answers: 1, lostThousandths: FAILED_OVER });
  }
  return signals;
}
