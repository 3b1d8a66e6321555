import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';

/** One process of a hammering test: what it was told, what it answered. */
export interface WorkerProcess {
  child: ChildProcess;
  /** The messages it sent until it ended. */
  messages: Promise<unknown[]>;
}

/** Starts a worker file of this folder in a process of its own, with its task as the first message. */
export function startWorker(file: string, task: object): WorkerProcess {
  const child = fork(join(import.meta.dirname, file));
  const received: unknown[] = [];
  child.on('message', (message) => received.push(message));
  child.send(task);
  const messages = new Promise<unknown[]>((resolve) => child.once('exit', () => resolve(received)));
  return { child, messages };
}
