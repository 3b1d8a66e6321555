import type { Readable } from 'node:stream';
import type { BudgetAlert } from './core/budget-alert.ts';
import type { Day } from './core/calendar.ts';
import type { Circuit } from './core/circuit.ts';
import type { Erasure } from './core/erasure.ts';
import type { RecentCalls } from './core/health.ts';
import type { ReservedCall } from './core/lost-call.ts';
import type { MicroDollars } from './core/price.ts';
import type { Charge, Standing } from './core/rate-window.ts';
import type { AccountBudgets, AccountTerms, BudgetAmounts, CallerTerms, KeyTerms } from './core/terms.ts';
import type { UsageEvent } from './core/usage-event.ts';
import type { ProviderCall } from './provider-call.ts';

/** Who a key belongs to and what it may do. */
export interface Caller {
  account: string;
  keyId: string;
  role: 'caller' | 'admin';
  terms: CallerTerms;
}

/** The keys. Unknown, expired and revoked ones are all undefined: callers must not learn which. */
export interface Callers {
  find(keyHash: string): Promise<Caller | undefined>;
}

/** An account as admins see it. Its revision grows with each change. */
export interface Account {
  id: string;
  terms: AccountTerms;
  revision: number;
  createdAtMs: number;
}

/** One change by an admin: who did what to which account, and what it was before and after. */
export interface AuditRecord {
  id: string;
  account: string;
  atMs: number;
  /** The key id of the admin. */
  by: string;
  action: string;
  before: unknown;
  after: unknown;
}

export interface Accounts {
  find(id: string): Promise<Account | undefined>;
  /** Undefined when there is one of this name already. */
  create(id: string, terms: AccountTerms): Promise<Account | undefined>;
  /** Applies a change to the newest terms; undefined when there is no such account. */
  change(
    id: string,
    change: (terms: AccountTerms) => AccountTerms,
  ): Promise<{ before: Account; after: Account } | undefined>;
  /** A page of ids in order, from behind `after` on; `next` leads to the following page. */
  list(after: string | undefined): Promise<{ ids: string[]; next?: string }>;
  /** The secret that the account's webhooks are signed with; undefined when none was made. */
  webhookSecret(id: string): Promise<string | undefined>;
  putWebhookSecret(id: string, secret: string): Promise<void>;
  /** Records a change under an id and time of its own. */
  audit(change: Omit<AuditRecord, 'id' | 'atMs'>): Promise<void>;
  /** The newest records of an account first. */
  auditOf(account: string): Promise<AuditRecord[]>;
}

/** The fields of a key that its creator chooses. */
export interface NewApiKey {
  role: Caller['role'];
  label: string;
  terms: KeyTerms;
  expiresAtMs?: number;
}

/** A key as admins see it. Nothing of it opens anything. */
export interface ApiKey extends NewApiKey {
  id: string;
  account: string;
  createdAtMs: number;
  revokedAtMs?: number;
}

export interface Keys {
  /** The caller behind a key that is valid now; undefined for every other. */
  findCaller(keyHash: string): Promise<Caller | undefined>;
  /** The same by the key's id, for work that goes on after its request. */
  findCallerById(keyId: string): Promise<Caller | undefined>;
  /** Stores a key under its hash. A key that is already there keeps its item. */
  put(keyHash: string, key: NewApiKey, account: Account): Promise<void>;
  find(keyId: string): Promise<ApiKey | undefined>;
  ofAccount(accountId: string): Promise<ApiKey[]>;
  /** Applies a change to the newest state of a key; undefined when there is none. A key once revoked stays so. */
  change(
    keyId: string,
    change: (key: ApiKey) => Partial<Omit<ApiKey, 'id' | 'account' | 'role'>>,
  ): Promise<{ before: ApiKey; after: ApiKey } | undefined>;
  /** Gives the account's keys its newest terms. Until then they keep the old ones. */
  copyTerms(account: Account): Promise<void>;
}

/** Whether a request may pass its account's limits, and where they stand. */
export type Admission =
  | { allowed: true; standings: Standing[]; epochs: Readonly<Record<string, number>> }
  | { allowed: false; reason: 'rate_limit'; refusedBy: string; retryAtMs: number; standings: Standing[] }
  | { allowed: false; reason: 'locked_out'; retryAtMs: number; standings: Standing[] };

/** By how much a charge was too high (below 0) or too low. */
export interface Correction {
  counter: string;
  epoch: number;
  difference: number;
}

/** The limits a minute, exact over all processes. */
export interface RateLimits {
  /** True when what this process knows of the account refuses these charges. Costs nothing. */
  isRefusing(account: string, charges: readonly Charge[]): boolean;
  /** Makes all charges or none. */
  admit(account: string, charges: readonly Charge[]): Promise<Admission>;
  /** Corrects charges that were made; those that have left the window meanwhile need none. */
  settle(account: string, corrections: readonly Correction[]): Promise<void>;
}

/** Money asked for before a provider is called. */
export interface ReservationRequest {
  account: string;
  keyId: string;
  requestId: string;
  /** The most the call can cost. */
  estimate: MicroDollars;
  budgets: AccountBudgets;
  keyBudgets: BudgetAmounts;
  /** Calls the account may have under way; unlimited without. */
  callsInFlight: number | undefined;
  /** Nobody waits for the call: it takes no place among the account's calls, and there are few at once. */
  isSideCall?: boolean;
  timeZone: string;
  /** What the ledger says of the call should nobody settle it. */
  call: ReservedCall;
}

export type ReservationVerdict =
  | { reserved: true; day: Day; committed: MicroDollars; earlier: MicroDollars }
  | { reserved: false; reason: 'account_budget' | 'key_budget'; period: 'day' | 'month' }
  | { reserved: false; reason: 'calls_in_flight'; most: number };

/** Budgets, exact over all processes: what is spent and reserved together never passes a hard limit. */
export interface Budgets {
  /** Reads ahead what `reserve` will need for this caller. */
  prepare(caller: Caller): Promise<void>;
  /** What is left for this caller, as far as this process knows and believes it. Costs nothing. */
  left(caller: Caller): MicroDollars | undefined;
  /** Reserves the estimate, once for each request id. */
  reserve(request: ReservationRequest): Promise<ReservationVerdict>;
  /**
   * Replaces a reservation by what was really spent; undefined when it was settled before. One that was taken for lost is
   * corrected.
   */
  settle(request: ReservationRequest, day: Day, actual: MicroDollars): Promise<{ spent: MicroDollars } | undefined>;
  /** Settles the day's reservations whose lease has ended; how many there were, and what the day has spent. */
  reapDay(account: string, day: Day): Promise<{ reaped: number; spent: MicroDollars }>;
  /** What the month's days before this one have committed together. */
  committedBefore(account: string, day: Day): Promise<MicroDollars>;
}

/** Money of the whole deployment's day, reserved for one call. */
export interface CeilingShare {
  day: Day;
  amount: MicroDollars;
}

/** The most the whole deployment may spend in a day. */
export interface GlobalCeiling {
  /** Undefined when the day's ceiling leaves no room. */
  reserve(amount: MicroDollars): Promise<CeilingShare | undefined>;
  /** Gives back what was not spent. */
  settle(share: CeilingShare, actual: MicroDollars): void;
}

/** Alerts on budgets: each raised once a period, and kept until it is delivered. */
export interface Alerts {
  raise(alert: BudgetAlert): Promise<void>;
  waiting(): Promise<BudgetAlert[]>;
  delivered(id: string): Promise<void>;
}

/** Where alerts go. It may be told one twice, by the same id. */
export type AlertSink = (alert: BudgetAlert) => Promise<void>;

/** The ledger. Recording the same request twice leaves the first event; one that says its process was lost is replaced. */
export interface UsageEvents {
  /** True when it was not there yet. */
  record(event: UsageEvent): Promise<boolean>;
}

/** Orders to erase what is known of end users. */
export interface Erasures {
  order(erasure: Erasure): Promise<void>;
  find(account: string, id: string): Promise<Erasure | undefined>;
  /** All of an account, also those that are done. */
  of(account: string): Promise<Erasure[]>;
  /** Those of all accounts that are under way. */
  pending(): Promise<Erasure[]>;
  progress(erasure: Erasure): Promise<void>;
}

/** Which models answer at present, known to all processes together. */
export interface Circuits {
  /** What is known of the models that have been called, by id; at most two seconds old, older while the store is down. */
  look(): Promise<ReadonlyMap<string, Circuit>>;
  /** Whether the operator had stopped all calls when `look` looked. */
  isSpendingStopped(): boolean;
  /** Takes the one call that an open circuit lets through now; false when it is not time, or somebody else has it. */
  takeProbe(modelId: string): Promise<boolean>;
  /** A probe has ended without telling whether the model answers. */
  endProbe(modelId: string): Promise<void>;
  /** Counts a failure. Whether a retry is within the retry budget, and whether this failure opened the circuit. */
  failed(modelId: string, error: string, isProbe: boolean): Promise<{ mayRetry: boolean; isOpened: boolean }>;
  /** Counts a success; a probe's closes the circuit. */
  succeeded(modelId: string, isProbe: boolean): Promise<{ isClosed: boolean }>;
}

/** How models have answered lately, for the health route. */
export interface ModelStatistics {
  /** Count one call; told to the store from time to time. */
  answered(modelId: string, latencyMs: number): Promise<void>;
  failed(modelId: string): Promise<void>;
  /** The last five to ten minutes, by model id. */
  recent(): Promise<ReadonlyMap<string, RecentCalls>>;
}

/** The keys the gateway itself uses with providers, by provider id. Undefined when none is set. */
export interface ProviderKeys {
  find(providerId: string): Promise<string | undefined>;
  /** The key that has been set in place of one that the provider refuses; undefined while there is none, or nobody may look. */
  inPlaceOf?(providerId: string, refusedKey: string): Promise<string | undefined>;
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

/**
 * HTTP to providers: one POST, no redirects followed, nothing decompressed. A call is repeated only when the kept
 * connection it was sent on turns out to have been closed.
 */
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
  /** The code of the error that was answered. */
  errorCode: string | undefined;
  /** What was thrown, undefined when nothing was. Its text may come from outside: only its name and code are logged. */
  error: unknown;
}

export interface Observer {
  requestEnded(summary: RequestSummary): void;
  /** A call to a provider is over, one of perhaps several of a request. */
  providerCalled(call: ProviderCall): void;
  /** A usage event that could not be stored: the whole event is told, so that it can be entered later. */
  usageNotStored(event: UsageEvent, cause: unknown): void;
  /** A reservation or a charge that could not be settled: it ends with its lease, or with the minute. */
  settlementFailed(cause: unknown): void;
  /** Money that calls had reserved whose process died, settled by a sweep. */
  reservationsReaped(count: number): void;
  /** A store failed where the request goes on without it. */
  storeFailed(cause: unknown): void;
  /** A model no longer answers, or answers again. */
  circuitChanged(modelId: string, state: 'open' | 'closed'): void;
  /** A provider refuses our key or our money, or we have no key: only the operator can mend it. */
  providerKeyRefused(providerId: string): void;
}

/** The stores a deployment depends on, for the health route. */
export interface Dependency {
  name: string;
  /** Nothing can be served without it. */
  isEssential: boolean;
  /** Throws when it does not answer. What it answers with, admins may see. */
  check(): Promise<unknown>;
}

/** Epoch milliseconds. */
export type Clock = () => number;
