import { configuration } from '../../config/index.ts';
import { answerReleaseCheck, isReleaseCheck, type ReleaseCheckEvent } from '../release-check/task.ts';
import { attemptTask } from '../workflow/attempt-task.ts';
import type { RunOutput, RunPosition } from '../workflow/run-ports.ts';
import { deployedAttemptPorts } from './gateway.ts';

const ports = deployedAttemptPorts(process.env, configuration);

/** What the state machines call for each step of a plan. */
export function handler(event: RunPosition | ReleaseCheckEvent): Promise<RunOutput | { isReady: true }> {
  if (!isReleaseCheck(event)) return attemptTask(ports, event, undefined);
  return answerReleaseCheck(
    () => ports.runs.chat.find('release-check', 'release-check'),
    () => ports.runs.job.find('release-check', 'release-check'),
    () => ports.providerKeys.find('release-check'),
  );
}
