import { readFileSync } from 'node:fs';
import { AWS_PRICES as PRICES } from './aws-prices.ts';

/** A kind of request, as far as its price depends on it. */
export interface RequestKind {
  name: string;
  /** Its row in the table of docs/cost.md that test/api/store-cost.test.ts counts. */
  storeRow: string;
  /** What it waits for a provider, or for another request's call. */
  waitsMs: number;
  /** CPU of the gateway process on a whole core: `npm run bench`, the rows of docs/performance.md at one connection. */
  cpuMs: number;
  /** Reads of a lease while it waits for another process, of half a unit each. */
  leaseReads: number;
  isStream: boolean;
  /** The rest of its plan ran in a state machine, for so long. */
  machineMs: number;
  /** It tells the metrics of the model that answered, too. */
  hasModel: boolean;
}

const PROVIDER_MS = 3_000;

/** `follow-lease.ts`: 40 ms, then 1.4 times as long each, up to 1 s. */
function leaseReadsIn(milliseconds: number): number {
  let reads = 0;
  for (let [atMs, waitMs] = [0, 40]; atMs < milliseconds; waitMs = Math.min(waitMs * 1.4, 1_000)) {
    atMs += waitMs;
    reads += 1;
  }
  return reads;
}

const plain = { waitsMs: 0, cpuMs: 3, leaseReads: 0, isStream: false, machineMs: 0, hasModel: true };

export const KINDS: readonly RequestKind[] = [
  { ...plain, name: 'hit', storeRow: 'exact hit' },
  { ...plain, name: 'miss, answer kept', storeRow: 'miss, answer kept', waitsMs: PROVIDER_MS, cpuMs: 10.4 },
  { ...plain, name: 'miss, not kept', storeRow: 'miss, answer not kept', waitsMs: PROVIDER_MS, cpuMs: 10.4 },
  {
    ...plain,
    name: 'stream, answer kept',
    storeRow: 'miss, answer kept',
    waitsMs: PROVIDER_MS,
    cpuMs: 22.1,
    isStream: true,
  },
  {
    ...plain,
    name: 'coalesced',
    storeRow: 'coalesced, in one process',
    waitsMs: PROVIDER_MS,
    leaseReads: leaseReadsIn(PROVIDER_MS),
  },
  { ...plain, name: 'refused by a limit', storeRow: 'refused by a limit', cpuMs: 1.6, hasModel: false },
  {
    ...plain,
    name: 'miss, fallback by machine',
    storeRow: 'miss, answer kept',
    waitsMs: PROVIDER_MS,
    cpuMs: 10.4,
    machineMs: PROVIDER_MS,
  },
];

/** A whole core comes with 1,769 MB (Lambda guide, "memory"). */
const WHOLE_CORE_MEGABYTES = 1_769;

/** A call of DynamoDB from a function in the same region. */
const STORE_ROUND_MS = 5;

/** X-Ray traces the first request of a second, and so much of the others (X-Ray guide, "sampling rules"). */
const TRACED_SHARE = 0.05;

/** Lambda's own three lines and API Gateway's one. Not ours to count: estimated. */
const PLATFORM_LOG_BYTES = 1_300;

/** A step by a machine beside those of its call, and the plan's own items: docs/architecture.md, "Store calls a chat makes". */
const MACHINE_WRITES = 7;

const page = readFileSync(new URL('../../docs/cost.md', import.meta.url), 'utf8');

function storeUse(row: string): { rounds: number; readUnits: number; writeUnits: number } {
  const cells =
    page
      .split('\n')
      .find((line) => line.startsWith(`| ${row} |`))
      ?.split('|')
      .map(Number) ?? [];
  const [rounds, readUnits, writeUnits] = [cells[2], cells[4], cells[5]];
  if (rounds === undefined || readUnits === undefined || writeUnits === undefined)
    throw new Error(`docs/cost.md has no row "${row}".`);
  return { rounds, readUnits, writeUnits };
}

/** Dollars of a million requests of a kind, by what they are for. */
export function dollarsPerMillion(
  kind: RequestKind,
  memoryMegabytes: number,
  logBytes: number,
): Record<string, number> {
  const { rounds, readUnits, writeUnits } = storeUse(kind.storeRow);
  const core = memoryMegabytes / WHOLE_CORE_MEGABYTES;
  const gigabytes = memoryMegabytes / 1_024;
  const ownMs = kind.cpuMs / core + rounds * STORE_ROUND_MS;
  const isMachine = kind.machineMs > 0;
  const lambdaMs = ownMs + kind.waitsMs + (isMachine ? kind.machineMs + ownMs : 0);
  const reads = readUnits + kind.leaseReads / 2;
  const writes = writeUnits + (isMachine ? MACHINE_WRITES : 0);
  return {
    'API Gateway': PRICES.restRequestsPerMillion,
    'Lambda time': lambdaMs * 1_000 * gigabytes * PRICES.lambdaGigabyteSecond,
    'Lambda requests': PRICES.lambdaRequestsPerMillion * (isMachine ? 2 : 1),
    DynamoDB: reads * PRICES.readUnitsPerMillion + writes * PRICES.writeUnitsPerMillion,
    'Step Functions': isMachine
      ? PRICES.expressExecutionsPerMillion +
        (kind.machineMs / 1_000) * 0.0625 * 1_000_000 * PRICES.expressGigabyteSecond
      : 0,
    logs: ((logBytes + PLATFORM_LOG_BYTES) / 1_000) * PRICES.logGigabyte,
    traces: TRACED_SHARE * PRICES.tracesPerMillion,
  };
}

/** Dollars a month of two small containers behind a load balancer, before any request: what would take the place of functions. */
export function containersPerMonth(hoursAMonth: number): number {
  const task = 0.5 * PRICES.fargateCpuHour + PRICES.fargateGigabyteHour + PRICES.addressHour;
  return (2 * task + PRICES.loadBalancerHour) * hoursAMonth;
}
