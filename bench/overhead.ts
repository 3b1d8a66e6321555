import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { ProcessUsage } from './child.ts';
import { type Load, type Measured, percentile, runLoad } from './load.ts';

/**
 * What Headgate adds to a provider's answer: the same load straight to a fast mock provider, through a gateway with every
 * policy off, one as a user runs it, the same for an account with limits and budgets, and one that has the answer in its
 * cache, in turns in one run. Everything is on 127.0.0.1 and ends by itself.
 */
const ROUNDS = 3;
const WINDOW_MS = 3_000;
const WARM_UP_MS = 6_000;
const CONNECTIONS = [1, 32, 128];

/** A heap such as a small server or a function of 256 MB has; without a bound V8 sizes it by the machine's memory. */
const HEAP = ['--max-old-space-size=128', '--max-semi-space-size=8'];

interface Started {
  url: string;
  key: string;
  child: ChildProcess;
  isRepeated?: boolean;
}

interface Window {
  measured: Measured;
  cpuMs: number;
}

async function start(file: string, environment: Record<string, string> = {}): Promise<Started> {
  const env = { ...process.env, NODE_ENV: 'production', ...environment };
  const child = fork(join(import.meta.dirname, file), { env, execArgv: HEAP });
  const [{ url }] = (await once(child, 'message')) as [{ url: string }];
  return { url, key: 'bench-key', child };
}

async function usageOf(child: ChildProcess): Promise<ProcessUsage> {
  child.send('usage');
  const [{ usage }] = (await once(child, 'message')) as [{ usage: ProcessUsage }];
  return usage;
}

function loadOn({ url, key, isRepeated = false }: Started): Pick<Load, 'url' | 'key' | 'isRepeated'> {
  return { url, key, isRepeated };
}

async function window(target: Started, load: Omit<Load, 'url' | 'key' | 'isRepeated'>): Promise<Window> {
  const before = await usageOf(target.child);
  const measured = await runLoad({ ...load, ...loadOn(target) });
  return { measured, cpuMs: (await usageOf(target.child)).cpuMs - before.cpuMs };
}

function median(numbers: number[]): number {
  return percentile(numbers, 0.5);
}

/** Median over the rounds of a figure of each window. */
function figure(windows: Window[], read: (window: Window) => number): number {
  return median(windows.map(read));
}

function fixed(number: number, digits = 2): string {
  return Number.isNaN(number) ? '-' : number.toFixed(digits);
}

async function compare(targets: Record<string, Started>, stream: boolean, connections: number): Promise<void> {
  const windows: Record<string, Window[]> = Object.fromEntries(Object.keys(targets).map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, target] of Object.entries(targets)) {
      windows[name]?.push(await window(target, { connections, stream, durationMs: WINDOW_MS }));
    }
  }
  const direct = windows.direct ?? [];
  for (const [name, own] of Object.entries(windows)) {
    const added = (read: (measured: Measured) => number[], share: number) =>
      fixed(
        figure(own, ({ measured }) => percentile(read(measured), share)) -
          figure(direct, ({ measured }) => percentile(read(measured), share)),
      );
    console.log(
      [
        name.padEnd(7),
        (stream ? 'stream' : 'whole').padEnd(7),
        String(connections).padStart(4),
        fixed(
          figure(own, ({ measured }) => measured.latencies.length / (measured.elapsedMs / 1_000)),
          0,
        ).padStart(7),
        added((measured) => measured.latencies, 0.5).padStart(8),
        added((measured) => measured.latencies, 0.95).padStart(8),
        added((measured) => measured.latencies, 0.99).padStart(8),
        fixed(
          name === 'direct' ? Number.NaN : figure(own, ({ measured, cpuMs }) => cpuMs / measured.latencies.length),
          3,
        ).padStart(8),
        added((measured) => measured.timesToFirstChunk, 0.5).padStart(8),
        added((measured) => measured.chunkLatencies, 0.95).padStart(8),
        String(own.reduce((sum, { measured }) => sum + measured.failures, 0)).padStart(5),
      ].join(' '),
    );
  }
}

const upstream = await start('mock-upstream.ts');
const dynamo = await start('dynamo-process.ts');
const environment = { BENCH_UPSTREAM: upstream.url, BENCH_DYNAMO: dynamo.url };
const bare = await start('gateway-process.ts', { ...environment, BENCH_MODE: 'bare' });
const full = await start('gateway-process.ts', { ...environment, BENCH_MODE: 'full' });
const cached = { ...(await start('gateway-process.ts', { ...environment, BENCH_MODE: 'cached' })), isRepeated: true };
const limits = { ...full, key: 'bench-limits-key' };
const targets = { direct: upstream, bare, full, limits, cached };

for (const target of Object.values(targets)) {
  for (const stream of [false, true])
    await runLoad({ ...loadOn(target), connections: 32, stream, durationMs: WARM_UP_MS / 2 });
}
console.log('ms added to a 50 ms provider; CPU ms a request of the gateway process; medians of', ROUNDS, 'rounds');
console.log('          answer conn   req/s      p50      p95      p99      CPU   first   chunk95  fail');
for (const stream of [false, true]) {
  for (const connections of CONNECTIONS) await compare(targets, stream, connections);
}
for (const [name, { child }] of Object.entries({ bare, full, cached, dynamo })) {
  console.log(`memory of ${name}: ${fixed((await usageOf(child)).residentMegabytes, 0)} MB`);
}
for (const { child } of [bare, full, cached, dynamo, upstream]) child.disconnect();
