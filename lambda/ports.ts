import type { Readable } from 'node:stream';
import type { UsageEvent } from './core/usage-event.ts';

/** Who a key belongs to and what it may do. */
export interface Caller {
  account: string;
  keyId: string;
  role: 'caller' | 'admin';
}

/** The keys. Unknown, expired and revoked ones are all undefined: callers must not learn which. */
export interface Callers {
  find(keyHash: string): Promise<Caller | undefined>;
}

/** The ledger. Recording the same request twice leaves one event. */
export interface UsageEvents {
  record(event: UsageEvent): Promise<void>;
}

/** The keys the gateway itself uses with providers, by provider id. Undefined when none is set. */
export interface ProviderKeys {
  find(providerId: string): Promise<string | undefined>;
}

export interface UpstreamRequest {
  url: string;
  headers: Record<string, string>;
  body: string;
  signal: AbortSignal;
}

export interface UpstreamResponse {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Readable;
}

/** HTTP to providers: one POST, no redirects followed, no failed call repeated, nothing decompressed. */
export interface Upstream {
  post(request: UpstreamRequest): Promise<UpstreamResponse>;
}

/** What is told about every request when it has ended. Names of people and keys go to logs, never to metrics. */
export interface RequestSummary {
  requestId: string;
  route: string;
  status: number;
  latencyMs: number;
  event: UsageEvent | undefined;
  /** What was thrown, undefined when nothing was. Its text may come from outside: only its name and code are logged. */
  error: unknown;
}

export interface Observer {
  requestEnded(summary: RequestSummary): void;
  /** A usage event that could not be stored: the whole event is told, so that it can be entered later. */
  usageNotStored(event: UsageEvent, cause: unknown): void;
}

/** The stores a deployment depends on, for the health route. */
export interface Dependency {
  name: string;
  check(): Promise<void>;
}

/** Epoch milliseconds. */
export type Clock = () => number;
