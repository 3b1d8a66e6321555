import { bucketOf, type Histogram, percentile } from './histogram.ts';
import type { Outcome, UsageEvent } from './usage-event.ts';

/** What is counted of requests, in the order in which it is stored: new counters go to the end. */
const COUNTERS = [
  'requests',
  'answered',
  'interrupted',
  'clientClosed',
  'failed',
  'rejected',
  'cacheHits',
  'coalesced',
  'attempts',
  'estimated',
  'costMicroDollars',
  'savedMicroDollars',
  'uncachedInputTokens',
  'cacheReadTokens',
  'cacheWriteTokens',
  'audioInputTokens',
  'textOutputTokens',
  'reasoningTokens',
  'audioOutputTokens',
  'sideCalls',
  'scored',
  'scoreThousandths',
  'cacheWrite1hTokens',
  'routingSavedMicroDollars',
] as const;

export type UsageTotals = Record<(typeof COUNTERS)[number], number>;

/**
 * What requests can be told apart by. A request without an end user is in no group of users; one with two tags is in two; one
 * that named its model is in no group of routes.
 */
export const DIMENSIONS = ['model', 'provider', 'key', 'user', 'tag', 'route'] as const;

export type Dimension = (typeof DIMENSIONS)[number];

/** What requests must have, each by its name. */
export type Filters = Readonly<Partial<Record<Dimension, string>>>;

type Buckets = Map<number, number>;

/** What a number of requests used, together and by group. Sums of summaries are summaries, in any order. */
export interface UsageSummary {
  totals: UsageTotals;
  groups: Record<Dimension, Map<string, UsageTotals>>;
  /** By model; of answered requests that called it. */
  latencyMs: Map<string, Buckets>;
  timeToFirstTokenMs: Map<string, Buckets>;
  /** The same by route, shadows' included. */
  routeLatencyMs: Map<string, Buckets>;
  routeTimeToFirstTokenMs: Map<string, Buckets>;
}

const HISTOGRAMS = ['latencyMs', 'timeToFirstTokenMs', 'routeLatencyMs', 'routeTimeToFirstTokenMs'] as const;

const OUTCOME_COUNTER: Readonly<Record<Outcome, keyof UsageTotals>> = {
  answered: 'answered',
  interrupted: 'interrupted',
  client_closed: 'clientClosed',
  failed: 'failed',
  rejected: 'rejected',
};

export function noUsage(): UsageTotals {
  return Object.fromEntries(COUNTERS.map((counter) => [counter, 0])) as UsageTotals;
}

/** A summary of no requests. */
export function newSummary(): UsageSummary {
  return {
    totals: noUsage(),
    groups: {
      model: new Map(),
      provider: new Map(),
      key: new Map(),
      user: new Map(),
      tag: new Map(),
      route: new Map(),
    },
    latencyMs: new Map(),
    timeToFirstTokenMs: new Map(),
    routeLatencyMs: new Map(),
    routeTimeToFirstTokenMs: new Map(),
  };
}

/**
 * Takes one request into a summary, in place. A side call is no request of its account: its cost and tokens count, and it
 * is one of the `sideCalls`. Only among routes, where a shadow is compared, it is a request like others.
 */
export function addEvent(summary: UsageSummary, event: UsageEvent): void {
  const whole = totalsOf(event);
  const totals = event.side === undefined ? whole : sideCallTotals(whole);
  addTotals(summary.totals, totals);
  for (const dimension of DIMENSIONS) {
    const counted = dimension === 'route' ? whole : totals;
    for (const name of namesOf(event, dimension)) addTotals(groupOf(summary.groups[dimension], name), counted);
  }
  // What a cache answers says nothing about a model.
  if (event.outcome !== 'answered' || event.attempts === 0 || event.model === undefined) return;
  const { latencyMs, timeToFirstTokenMs: firstMs, model } = event;
  for (const route of namesOf(event, 'route')) {
    count(summary.routeLatencyMs, route, latencyMs);
    if (firstMs !== undefined) count(summary.routeTimeToFirstTokenMs, route, firstMs);
  }
  // No caller has waited for a side call.
  if (event.side !== undefined) return;
  count(summary.latencyMs, model, latencyMs);
  if (firstMs !== undefined) count(summary.timeToFirstTokenMs, model, firstMs);
}

/** Takes a summary into another, in place. */
export function addSummary(summary: UsageSummary, more: UsageSummary): void {
  addTotals(summary.totals, more.totals);
  for (const dimension of DIMENSIONS) {
    for (const [name, totals] of more.groups[dimension]) addTotals(groupOf(summary.groups[dimension], name), totals);
  }
  for (const part of HISTOGRAMS) {
    for (const [model, buckets] of more[part]) {
      for (const [bucket, number] of buckets) addToBucket(summary[part], model, bucket, number);
    }
  }
}

/** True for a request that has all that is asked for. */
export function fits(event: UsageEvent, filters: Filters): boolean {
  return DIMENSIONS.every((dimension) => {
    const name = filters[dimension];
    return name === undefined || namesOf(event, dimension).includes(name);
  });
}

/** True when requests that fit may be among those summed up: whatever is asked for was seen, if not of the same request. */
export function mayHold({ groups }: UsageSummary, filters: Filters): boolean {
  return DIMENSIONS.every((dimension) => {
    const name = filters[dimension];
    return name === undefined || groups[dimension].has(name);
  });
}

/** What a summary knows of one group alone. It has percentiles for models, as latencies are kept by model. */
export function partOf(summary: UsageSummary, dimension: Dimension, name: string): UsageSummary {
  const part = newSummary();
  const totals = summary.groups[dimension].get(name);
  if (!totals) return part;
  addTotals(part.totals, totals);
  part.groups[dimension].set(name, { ...totals });
  for (const latencies of dimension === 'model' ? (['latencyMs', 'timeToFirstTokenMs'] as const) : []) {
    const buckets = summary[latencies].get(name);
    if (buckets) part[latencies].set(name, new Map(buckets));
  }
  return part;
}

/** The p50, p95 and p99 of one name (a model, a route), or of all, in milliseconds, wrong by at most 5 %; null when there was no request. */
export function percentilesOf(part: ReadonlyMap<string, Buckets>, only?: string) {
  const all: Buckets = new Map();
  for (const [name, buckets] of part) {
    if (only !== undefined && name !== only) continue;
    for (const [bucket, number] of buckets) all.set(bucket, (all.get(bucket) ?? 0) + number);
  }
  const histogram: Histogram = Object.fromEntries(all);
  const at = (share: number) => percentile(histogram, share) ?? null;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

function totalsOf(event: UsageEvent): UsageTotals {
  const { usage, cache, attempts, costMicroDollars, score } = event;
  const { savedMicroDollars = 0, routingSavedMicroDollars = 0 } = event;
  const { estimated, serviceTier: _, requestFeeMicroDollars: __, ...tokens } = usage;
  return {
    ...noUsage(),
    ...tokens,
    requests: 1,
    [OUTCOME_COUNTER[event.outcome]]: 1,
    cacheHits: cache === 'exact' || cache === 'semantic' ? 1 : 0,
    coalesced: cache === 'coalesced' ? 1 : 0,
    attempts,
    estimated: estimated ? 1 : 0,
    costMicroDollars,
    savedMicroDollars,
    routingSavedMicroDollars,
    sideCalls: event.side === undefined ? 0 : 1,
    scored: score === undefined ? 0 : 1,
    scoreThousandths: Math.round((score ?? 0) * 1_000),
  };
}

/** What a side call adds to what its account used: no request and no outcome. */
function sideCallTotals({ sideCalls, costMicroDollars, attempts, estimated, ...whole }: UsageTotals): UsageTotals {
  const tokens = Object.fromEntries(Object.entries(whole).filter(([name]) => name.endsWith('Tokens')));
  return { ...noUsage(), ...tokens, sideCalls, costMicroDollars, attempts, estimated };
}

/** `balanced`, `balanced/split:openai/gpt-4o`, `balanced/shadow:openai/gpt-4o`. */
function routeOf({ routing }: UsageEvent): string[] {
  if (routing === undefined) return [];
  const { policy, because, model } = routing;
  return [because === 'split' || because === 'shadow' ? `${policy}/${because}:${model}` : policy];
}

function namesOf(event: UsageEvent, dimension: Dimension): readonly string[] {
  switch (dimension) {
    case 'model':
      return event.model === undefined ? [] : [event.model];
    case 'provider':
      return event.provider === undefined ? [] : [event.provider];
    case 'key':
      return [event.keyId];
    case 'user':
      return event.user === undefined ? [] : [event.user];
    case 'tag':
      return [...new Set(event.tags)];
    case 'route':
      return routeOf(event);
  }
}

function addTotals(totals: UsageTotals, more: UsageTotals): void {
  for (const counter of COUNTERS) totals[counter] += more[counter];
}

function groupOf(groups: Map<string, UsageTotals>, name: string): UsageTotals {
  const known = groups.get(name) ?? noUsage();
  groups.set(name, known);
  return known;
}

function count(part: Map<string, Buckets>, name: string, milliseconds: number): void {
  addToBucket(part, name, bucketOf(milliseconds), 1);
}

function addToBucket(part: Map<string, Buckets>, model: string, bucket: number, number: number): void {
  const buckets = part.get(model) ?? new Map();
  part.set(model, buckets);
  buckets.set(bucket, (buckets.get(bucket) ?? 0) + number);
}

/** Grows when summaries are written differently. */
const VERSION = 1;

/** A summary as JSON text. */
export function summaryText(summary: UsageSummary): string {
  const { totals, groups } = summary;
  const numbers = (one: UsageTotals) => COUNTERS.map((counter) => one[counter]);
  const buckets = (part: Map<string, Buckets>) => [...part].map(([model, counts]) => [model, [...counts]]);
  return JSON.stringify({
    version: VERSION,
    totals: numbers(totals),
    groups: Object.fromEntries(
      DIMENSIONS.map((dimension) => [dimension, [...groups[dimension]].map(([name, one]) => [name, numbers(one)])]),
    ),
    ...Object.fromEntries(HISTOGRAMS.map((part) => [part, buckets(summary[part])])),
  });
}

type StoredBuckets = [string, [number, number][]][];

/** A summary from its text. Throws for text of another version. */
export function summaryFrom(text: string): UsageSummary {
  const stored = JSON.parse(text) as {
    version: number;
    totals: number[];
    groups: Partial<Record<Dimension, [string, number[]][]>>;
  } & Partial<Record<(typeof HISTOGRAMS)[number], StoredBuckets>>;
  if (stored.version !== VERSION) throw new Error('The usage summary is of another version.');
  const totals = (numbers: number[]) =>
    Object.fromEntries(COUNTERS.map((counter, index) => [counter, numbers[index] ?? 0])) as UsageTotals;
  // Summaries that were written before there were routes have none.
  const groups = (dimension: Dimension) =>
    new Map((stored.groups[dimension] ?? []).map(([name, numbers]) => [name, totals(numbers)]));
  const buckets = (part: StoredBuckets = []) => new Map(part.map(([name, counts]) => [name, new Map(counts)]));
  return {
    totals: totals(stored.totals),
    groups: {
      model: groups('model'),
      provider: groups('provider'),
      key: groups('key'),
      user: groups('user'),
      tag: groups('tag'),
      route: groups('route'),
    },
    latencyMs: buckets(stored.latencyMs),
    timeToFirstTokenMs: buckets(stored.timeToFirstTokenMs),
    routeLatencyMs: buckets(stored.routeLatencyMs),
    routeTimeToFirstTokenMs: buckets(stored.routeTimeToFirstTokenMs),
  };
}

/** The summary in pieces, of which none has more than so many end users: together they are the summary. */
export function* piecesOf(summary: UsageSummary, mostUsers: number): Generator<UsageSummary> {
  const users = [...summary.groups.user];
  yield { ...summary, groups: { ...summary.groups, user: new Map(users.slice(0, mostUsers)) } };
  for (let from = mostUsers; from < users.length; from += mostUsers) {
    const empty = newSummary();
    yield { ...empty, groups: { ...empty.groups, user: new Map(users.slice(from, from + mostUsers)) } };
  }
}
