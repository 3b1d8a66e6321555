import { createServer } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { EmbeddedDynamo } from '../../local/dynamo.ts';
import { listen, stop } from '../../local/listen.ts';
import { whole } from '../api/scripted-provider.ts';
import { startTestDynamo } from '../store/test-dynamo.ts';
import type { CoalescingReport, CoalescingTask } from './workers/coalescing-worker.ts';
import { startWorker, type WorkerProcess } from './workers/run-workers.ts';

const PROCESSES = 4;
const CALLERS = 100;
const CALL_MS = 1_500;

let dynamo: EmbeddedDynamo;
/** The process that made each call, by number. */
let callers: number[] = [];
let onCall: (worker: number) => void = () => {};

const provider = createServer((request, response) => {
  request.resume();
  const worker = Number(request.url?.match(/^\/worker-(\d)/)?.[1]);
  callers.push(worker);
  const answer = whole({ content: `answer ${callers.length}` });
  setTimeout(() => response.writeHead(200, { 'content-type': 'application/json' }).end(answer), CALL_MS);
  onCall(worker);
});
let url = '';

beforeAll(async () => {
  dynamo = await startTestDynamo();
  url = await listen(provider, 0);
});
afterAll(async () => {
  await stop(provider);
  await dynamo.close();
});

async function ready({ child }: WorkerProcess): Promise<void> {
  await new Promise((resolve) => child.once('message', resolve));
}

/** 100 callers in 4 processes ask the same at once; what those got that lived to tell. */
async function askAtOnce(question: string, isOn = true, kill: (workers: WorkerProcess[]) => void = () => {}) {
  callers = [];
  const workers = Array.from({ length: PROCESSES }, (_, index) => {
    const providerUrl = `${url}/worker-${index}`;
    const task: CoalescingTask = {
      endpoint: dynamo.endpoint,
      providerUrl,
      callers: CALLERS / PROCESSES,
      isOn,
      question,
    };
    return startWorker('coalescing-worker.ts', task);
  });
  await Promise.all(workers.map(ready));
  kill(workers);
  for (const { child } of workers) child.send('go');
  const reports = (await Promise.all(workers.map(({ messages }) => messages))).map((all) => all[1]);
  onCall = () => {};
  return reports.flatMap((report) => (report as CoalescingReport | undefined)?.answers ?? []);
}

it('100 callers in 4 processes make one call, and get equal answers', async () => {
  const answers = await askAtOnce('Why is the sky blue?');
  expect(callers).toHaveLength(1);
  expect(answers).toHaveLength(CALLERS);
  expect(new Set(answers).size).toBe(1);
  expect(answers[0]).toContain('200');
  expect(answers[0]).toContain('answer 1');
});

it('when the process that makes the call is killed, one of the others makes it, and nobody else', async () => {
  const answers = await askAtOnce('Why is the sea blue?', true, (workers) => {
    onCall = (worker) => {
      onCall = () => {};
      setTimeout(() => workers[worker]?.child.kill('SIGKILL'), 300);
    };
  });
  expect(callers).toHaveLength(2);
  expect(callers[0]).not.toBe(callers[1]);
  expect(answers).toHaveLength(CALLERS - CALLERS / PROCESSES);
  expect(new Set(answers).size).toBe(1);
  expect(answers[0]).toContain('answer 2');
});

it('is measured by a harness in which callers without deduplication make a call each', async () => {
  await askAtOnce('Why is the moon white?', false);
  expect(callers).toHaveLength(CALLERS);
});
