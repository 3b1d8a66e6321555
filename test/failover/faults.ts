import { ANSWER_FAULTS } from './answer-faults.ts';
import type { Fault } from './fault.ts';
import { PUBLISHED_FAULTS } from './published-faults.ts';
import { STATUS_FAULTS } from './status-faults.ts';
import { STREAM_FAULTS } from './stream-faults.ts';

/** Every fault there is a table row for, in the order of docs/reliability.md. */
export const FAULTS: readonly Fault[] = [...PUBLISHED_FAULTS, ...STATUS_FAULTS, ...ANSWER_FAULTS, ...STREAM_FAULTS];
