import { configuration } from '../../config/index.ts';
import { attemptTask } from '../workflow/attempt-task.ts';
import type { RunOutput, RunPosition } from '../workflow/run-ports.ts';
import { deployedAttemptPorts } from './gateway.ts';

const ports = deployedAttemptPorts(process.env, configuration);

/** What the state machines call for each step of a plan. */
export function handler(position: RunPosition): Promise<RunOutput> {
  return attemptTask(ports, position, undefined);
}
