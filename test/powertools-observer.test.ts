import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { estimatedUsage } from '../lambda/core/usage.ts';
import type { UsageEvent } from '../lambda/core/usage-event.ts';
import { METRICS } from '../lambda/metrics.ts';
import type { Observer } from '../lambda/ports.ts';

const event: UsageEvent = {
  requestId: 'request-1',
  account: 'acme',
  keyId: 'key_1',
  user: 'ann@example.com',
  startedAtMs: 0,
  wire: 'openai',
  stream: false,
  requestedModel: null,
  model: 'openai/gpt-4o',
  provider: 'openai',
  outcome: 'failed',
  usage: estimatedUsage(0, 0),
  costMicroDollars: 0,
  priceCatalogueVersion: 'test',
  attempts: 1,
  latencyMs: 5,
};

let observer: Observer;
beforeAll(async () => {
  // Powertools then writes through the console, where a test can listen.
  process.env.POWERTOOLS_DEV = 'true';
  process.env.POWERTOOLS_METRICS_DISABLED = 'false';
  const { powertoolsObserver } = await import('../lambda/powertools-observer.ts');
  observer = powertoolsObserver('chat', {});
});
afterEach(() => vi.restoreAllMocks());

/** Everything written while the action runs. */
function written(action: () => void): string {
  const lines: string[] = [];
  for (const level of ['log', 'info', 'error', 'warn', 'debug'] as const) {
    vi.spyOn(console, level).mockImplementation((line) => void lines.push(String(line)));
  }
  action();
  return lines.join('\n');
}

describe('what a deployed gateway writes about a request', () => {
  it('is one log line and two metrics records, with the kinds of errors and none of their texts', () => {
    const cause = Object.assign(new Error('canary: the provider said sk-123'), { code: 'ECONNRESET' });
    const error = new Error('canary: a prompt', { cause });
    const output = written(() =>
      observer.requestEnded({
        requestId: 'request-1',
        route: 'POST /v2/chat',
        status: 502,
        latencyMs: 5,
        event,
        errorCode: 'provider_failed',
        error,
      }),
    );
    expect(output).not.toContain('canary');
    expect(output).toContain('Error ECONNRESET');
    expect(output.match(/request-1/g)?.length).toBeGreaterThanOrEqual(1);
    const sets = [...output.matchAll(/"Dimensions":\s*\[\s*\[([^\]]*)\]/g)].map(([, names = '']) =>
      names.replace(/\s/g, ''),
    );
    expect(sets).toEqual(['"service"', '"service","model"']);
    expect(output).toMatch(/"gen_ai\.response\.model":\s*"openai\/gpt-4o"/);
  });

  it('is the whole event when the ledger could not take it', () => {
    const output = written(() => observer.usageNotStored(event, new Error('canary')));
    expect(output).toContain('usage event not stored');
    expect(output).toContain('ann@example.com');
    expect(output).not.toContain('canary');
  });

  it('is every metric there is, of one request or another', () => {
    const answered = { ...event, outcome: 'answered' as const, timeToFirstTokenMs: 3, usage: estimatedUsage(1, 1) };
    const step = { startedAtMs: 0, latencyMs: 1 };
    const attemptLog = [
      { ...step, model: 'a', error: 'provider_failed' },
      { ...step, model: 'b' },
    ];
    const events: UsageEvent[] = [
      { ...answered, attemptLog },
      { ...event, errorCode: 'provider_failed' },
      { ...answered, attempts: 0, cache: 'exact', savedMicroDollars: 5 },
      { ...answered, attempts: 0, cache: 'coalesced' },
      ...(['failed', 'rejected', 'interrupted', 'client_closed'] as const).map((outcome) => ({ ...event, outcome })),
    ];
    const summary = { requestId: 'r', route: 'POST /v2/chat', status: 200, latencyMs: 5, error: undefined };
    const output = written(() => {
      for (const one of events) observer.requestEnded({ ...summary, event: one, errorCode: undefined });
      for (const errorCode of ['rate_limit_exceeded', 'budget_exhausted']) {
        observer.requestEnded({ ...summary, event: undefined, errorCode });
      }
      observer.usageNotStored(event, new Error('x'));
      observer.settlementFailed(new Error('x'));
      observer.storeFailed(new Error('x'));
      observer.reservationsReaped(2);
      observer.circuitChanged('a', 'open');
      observer.providerKeyRefused('openai');
    });
    const told = new Set([...output.matchAll(/"Name":\s*"(\w+)"/g)].map(([, name]) => name));
    expect([...told].toSorted()).toEqual(Object.keys(METRICS).toSorted());
  });

  it('is one request for a job, told when it ends, by the names of any other', () => {
    const summary = { requestId: 'r', route: 'POST /v2/jobs', latencyMs: 5, error: undefined, errorCode: undefined };
    const accepted = written(() => observer.requestEnded({ ...summary, status: 202, event: undefined }));
    expect(accepted).not.toContain('CloudWatchMetrics');
    const answered = { ...event, outcome: 'answered' as const };
    const ended = written(() => observer.requestEnded({ ...summary, status: 200, event: answered }));
    expect([...ended.matchAll(/"Requests":\s*1/g)]).toHaveLength(2);
    expect(ended).toMatch(/"Answered":\s*1/);
    expect(ended).toMatch(/"CostMicroDollars":\s*0/);
    const refused = { ...summary, status: 429, event: undefined, errorCode: 'rate_limit_exceeded' };
    expect(written(() => observer.requestEnded(refused))).toMatch(/"RateLimited":\s*1/);
  });

  it('is no metric for routes that AWS counts by itself', () => {
    const summary = { requestId: 'r', route: 'GET /v2/health', status: 200, latencyMs: 5, error: undefined };
    const output = written(() => observer.requestEnded({ ...summary, event: undefined, errorCode: undefined }));
    expect(output).toContain('GET /v2/health');
    expect(output).not.toContain('CloudWatchMetrics');
  });
});
