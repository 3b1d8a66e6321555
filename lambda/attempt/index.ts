import { configuration } from '../../config/index.ts';
import type { RunOutput, RunPosition } from '../ports.ts';
import { attemptTask } from '../workflow/attempt-task.ts';
import { deployedAttemptPorts } from './gateway.ts';

const ports = deployedAttemptPorts(process.env, configuration);

/** What the state machines call for each step of a plan. */
export function handler(position: RunPosition): Promise<RunOutput> {
  return attemptTask(ports, position, undefined);
}
