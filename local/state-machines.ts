import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FallbackRunner, JobStarter, RunOutput, RunPosition } from '../lambda/workflow/run-ports.ts';

/** What the state machines call, in this process. */
export interface Tasks {
  attempt(position: RunPosition, signal: AbortSignal): Promise<RunOutput>;
  notify(output: RunOutput): Promise<RunOutput>;
}

export interface LocalStateMachines extends FallbackRunner, JobStarter {
  /** Ends the jobs that still run. */
  close(): Promise<void>;
}

const FOLDER = join(import.meta.dirname, '../lambda/workflow');

/**
 * The state machines of the deployment, the same files, run by an interpreter in this process. It is loaded with the first
 * plan that needs one. A job ends with the process.
 */
export function localStateMachines(tasks: Tasks): LocalStateMachines {
  const jobs = new Set<{ abort(): void; ended: Promise<unknown> }>();
  const fallback = machineIn('fallback.asl.json');
  const job = machineIn('job.asl.json');

  return {
    async run(position, signal) {
      const machine = await fallback();
      const execution = machine.run({ ...position }, { overrides: overridesFor(tasks, signal), noThrowOnAbort: true });
      const abort = () => execution.abort();
      signal.addEventListener('abort', abort, { once: true });
      // One that failed may have kept a result all the same.
      await execution.result.catch(() => {});
      signal.removeEventListener('abort', abort);
      signal.throwIfAborted();
      return 'ended';
    },

    async start(position) {
      const machine = await job();
      const closing = new AbortController();
      const execution = machine.run(
        { ...position },
        { overrides: overridesFor(tasks, closing.signal), noThrowOnAbort: true },
      );
      const running = {
        abort() {
          closing.abort(new Error('The gateway is stopping.'));
          execution.abort();
        },
        ended: execution.result.catch(() => {}).finally(() => jobs.delete(running)),
      };
      jobs.add(running);
    },

    async close() {
      const running = [...jobs];
      for (const one of running) one.abort();
      await Promise.all(running.map(({ ended }) => ended));
    },
  };
}

function machineIn(file: string) {
  const load = async () => {
    const { StateMachine } = await import('aws-local-stepfunctions');
    // The tasks are functions of this process; the interpreter wants names of Lambda functions all the same.
    const text = readFileSync(join(FOLDER, file), 'utf8');
    return new StateMachine(
      JSON.parse(text.replaceAll(/\$\{(\w+)\}/g, 'arn:aws:lambda:us-east-1:000000000000:function:$1')),
    );
  };
  let loaded: ReturnType<typeof load> | undefined;
  return () => {
    loaded ??= load();
    return loaded;
  };
}

function overridesFor(tasks: Tasks, signal: AbortSignal) {
  return {
    taskResourceLocalHandlers: {
      Attempt: async (input: unknown) => ({ ...(await tasks.attempt(copyOf<RunPosition>(input), signal)) }),
      Notify: async (input: unknown) => ({ ...(await tasks.notify(copyOf<RunOutput>(input))) }),
    },
  };
}

/** What arrives at the other side when a machine calls a function: JSON. */
function copyOf<Value>(input: unknown): Value {
  return JSON.parse(JSON.stringify(input));
}
