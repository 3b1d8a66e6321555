import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { EmbeddedDynamo } from '../../local/dynamo.ts';
import { API_KEY } from '../api/gateway-under-test.ts';
import { ask } from '../failover/caller.ts';
import { type FaultProvider, startFaultProvider } from '../failover/fault-provider.ts';
import { downUntil, FAILURES_TO_OPEN, PROBE_EVERY_MS } from '../failover/flapping.ts';
import { type Ending, endingOf } from '../failover/judge.ts';
import { FULL, newModels } from '../failover/profiles.ts';
import { startTestDynamo } from '../store/test-dynamo.ts';
import type { GatewayTask } from './workers/gateway-worker.ts';
import { startWorker, type WorkerProcess } from './workers/run-workers.ts';

/** Twenty callers, half of them at each of two gateways, while the primary is down for a minute and half a minute after. */
const CALLERS = 20;
const GATEWAYS = 2;
const DOWN_MS = 60_000;
const UP_MS = 30_000;
const BETWEEN_CALLS_MS = 1_000;
const LOOK_EVERY_MS = 200;

/** Both gateways must know by then that the circuit is open. */
const OPEN_WITHIN_MS = 5_000;

/** Clocks and timers of two processes. */
const TOLERANCE_MS = 250;

const ADMIN_KEY = 'hg_admin-of-the-tests';
const models = newModels();

interface Look {
  atMs: number;
  /** What each gateway says. */
  circuits: (string | undefined)[];
}

let dynamo: EmbeddedDynamo;
let primary: FaultProvider;
let secondary: FaultProvider;
let workers: WorkerProcess[];
const endings: Ending[] = [];
const looks: Look[] = [];
let downAtMs = 0;
let upAtMs = 0;

beforeAll(async () => {
  dynamo = await startTestDynamo();
  // The minute begins when both gateways are there.
  primary = await startFaultProvider('primary', FULL.times, (wire) => downUntil(upAtMs)(wire));
  secondary = await startFaultProvider('secondary', FULL.times, (wire) => wire.answer());
  const task: GatewayTask = {
    endpoint: dynamo.endpoint,
    primaryUrl: primary.url,
    secondaryUrl: secondary.url,
    models,
    profile: FULL,
    keys: { apiKey: API_KEY, adminKey: ADMIN_KEY },
  };
  workers = Array.from({ length: GATEWAYS }, () => startWorker('gateway-worker.ts', task));
  const urls = await Promise.all(workers.map(urlOf));
  downAtMs = performance.now();
  upAtMs = downAtMs + DOWN_MS;
  const endsAtMs = upAtMs + UP_MS;
  const callers = Array.from({ length: CALLERS }, (_, index) =>
    callUntil(endsAtMs, urls[index % GATEWAYS] ?? '', index),
  );
  await Promise.all([...callers, lookUntil(endsAtMs, urls)]);
}, 240_000);

afterAll(async () => {
  for (const { child, messages } of workers) {
    child.disconnect();
    await messages;
  }
  await Promise.all([primary.close(), secondary.close()]);
  await dynamo.close();
});

async function urlOf({ child }: WorkerProcess): Promise<string> {
  const [message] = await once(child, 'message');
  return (message as { url: string }).url;
}

/** Calls one after another; every second caller wants streams. */
async function callUntil(endsAtMs: number, url: string, index: number): Promise<void> {
  await pause((index * BETWEEN_CALLS_MS) / CALLERS);
  while (performance.now() < endsAtMs) {
    const question = { model: models.primary, fallback: models.secondary, isStream: index % 4 > 1 };
    const { received } = await ask(url, { ...question, deadlineMs: FULL.deadlineMs });
    endings.push(endingOf(received));
    await pause(BETWEEN_CALLS_MS);
  }
}

async function lookUntil(endsAtMs: number, urls: string[]): Promise<void> {
  while (performance.now() < endsAtMs) {
    const circuits = await Promise.all(urls.map(circuitAt));
    looks.push({ atMs: performance.now(), circuits });
    await pause(LOOK_EVERY_MS);
  }
}

/** What a gateway tells its operator about the primary's circuit. */
async function circuitAt(url: string): Promise<string | undefined> {
  const response = await fetch(`${url}/v2/health`, { headers: { authorization: `Bearer ${ADMIN_KEY}` } });
  const { models: known } = (await response.json()) as { models?: Record<string, { circuit?: string }> };
  return known?.[models.primary]?.circuit;
}

const isSaidByAll = (circuit: string) => (look: Look) => look.circuits.every((said) => said === circuit);

/** When both gateways first said that the circuit is open. */
const openedAtMs = () => looks.find(isSaidByAll('open'))?.atMs ?? Number.POSITIVE_INFINITY;

it('serves every call, from the fallback or from the primary', () => {
  expect(endings.length).toBeGreaterThan(CALLERS * 20);
  expect(endings.filter((ending) => ending !== 'primary' && ending !== 'secondary')).toEqual([]);
});

it('opens the circuit after five failures, and both gateways know of it', () => {
  expect(looks[0]?.circuits).toEqual(['closed', 'closed']);
  expect(openedAtMs() - downAtMs).toBeLessThan(OPEN_WITHIN_MS);
  // Calls that were under way may have failed, too: one for each caller.
  const before = primary.calls.filter(({ arrivedAtMs }) => arrivedAtMs < openedAtMs());
  expect(before.length).toBeGreaterThanOrEqual(FAILURES_TO_OPEN);
  expect(before.length).toBeLessThanOrEqual(FAILURES_TO_OPEN + CALLERS);
});

it('probes at most every five seconds while the circuit is open, over both gateways together', () => {
  const times = primary.calls
    .map(({ arrivedAtMs }) => arrivedAtMs)
    .filter((atMs) => atMs > openedAtMs() && atMs < upAtMs);
  const gaps = times.slice(1).map((atMs, index) => atMs - (times[index] ?? 0));
  expect(gaps.filter((gap) => gap < PROBE_EVERY_MS - TOLERANCE_MS)).toEqual([]);
  // It does probe: at least every ten seconds.
  expect(times.length).toBeGreaterThanOrEqual(Math.floor(DOWN_MS / (2 * PROBE_EVERY_MS)) - 1);
});

it('is never said to be closed while the primary is down', () => {
  const whileDown = looks.filter(({ atMs }) => atMs > openedAtMs() && atMs < upAtMs);
  expect(whileDown.length).toBeGreaterThan(0);
  expect(
    whileDown.flatMap(({ circuits }) => circuits).filter((said) => said !== 'open' && said !== 'half-open'),
  ).toEqual([]);
});

it('closes the circuit and goes back to the primary within half a minute', () => {
  expect(looks.at(-1)?.circuits).toEqual(['closed', 'closed']);
  expect(endings.slice(-CALLERS)).toEqual(Array.from({ length: CALLERS }, () => 'primary'));
});
