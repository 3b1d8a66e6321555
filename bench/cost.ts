import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { deployment } from '../config/deployment.ts';
import { METRICS, MODEL_METRICS } from '../lambda/metrics.ts';
import { AWS_PRICES, HOURS_A_MONTH } from './cost/aws-prices.ts';
import { idleBill } from './cost/idle.ts';
import { containersPerMonth, dollarsPerMillion, KINDS } from './cost/requests.ts';

/** What Headgate costs in AWS, beside the providers: a million requests of each kind, and a month without any. */
function logBytes(kind: 'model' | 'refused'): number {
  return execFileSync(process.execPath, [join(import.meta.dirname, 'cost/log-lines.ts'), kind]).length;
}

const MISS = 'miss, answer kept';
const bytes = { model: logBytes('model'), refused: logBytes('refused') };
const dollars = (amount: number) => amount.toFixed(2).padStart(8);
const sum = (parts: Record<string, number>) => Object.values(parts).reduce((total, part) => total + part, 0);

console.log(
  `$ a million requests, ${AWS_PRICES.region}, list prices of ${AWS_PRICES.day}, ${deployment.chatMemoryMegabytes} MB of arm64`,
);
console.log(`log lines of ours: ${bytes.model} bytes for an answer, ${bytes.refused} for a refusal`);
const rows = KINDS.map((kind) => ({
  kind,
  parts: dollarsPerMillion(kind, deployment.chatMemoryMegabytes, kind.hasModel ? bytes.model : bytes.refused),
}));
console.log(
  [
    'request'.padEnd(26),
    ...Object.keys(rows[0]?.parts ?? {}).map((part) => part.padStart(16)),
    'together'.padStart(9),
  ].join(''),
);
for (const { kind, parts } of rows) {
  console.log(
    [
      kind.name.padEnd(26),
      ...Object.values(parts).map((part) => dollars(part).padStart(16)),
      dollars(sum(parts)).padStart(9),
    ].join(''),
  );
}

console.log('\n$ a month without a request');
const idle = idleBill();
for (const { what, dollarsAMonth } of idle) console.log(dollars(dollarsAMonth), what);
const total = idle.reduce((all, { dollarsAMonth }) => all + dollarsAMonth, 0);
const monitoring = idle.slice(0, 3).reduce((all, { dollarsAMonth }) => all + dollarsAMonth, 0);
console.log(dollars(total), 'together;', dollars(total - monitoring).trim(), 'with monitoring: false');

const inUse = Object.keys(METRICS).length * AWS_PRICES.metricMonth;
const ofModel = MODEL_METRICS.length * AWS_PRICES.metricMonth;
console.log(
  `\nonce it is used, a month: at most ${inUse.toFixed(2)} for metrics, and ${ofModel.toFixed(2)} for each model that answers`,
);

const miss = rows.find(({ kind }) => kind.name === MISS)?.parts ?? {};
const perMillion = (miss['API Gateway'] ?? 0) + (miss['Lambda time'] ?? 0) + (miss['Lambda requests'] ?? 0);
const containers = containersPerMonth(HOURS_A_MONTH);
const millions = containers / perMillion;
console.log(
  `two containers and a load balancer: ${containers.toFixed(2)} a month; functions and API cost that at ${millions.toFixed(1)} million three-second misses`,
);
