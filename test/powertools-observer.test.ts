import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { estimatedUsage } from '../lambda/core/usage.ts';
import type { UsageEvent } from '../lambda/core/usage-event.ts';
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
  observer = powertoolsObserver('chat');
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
  it('is one log line and one metrics record, with the kinds of errors and none of their texts', () => {
    const cause = Object.assign(new Error('canary: the provider said sk-123'), { code: 'ECONNRESET' });
    const error = new Error('canary: a prompt', { cause });
    const output = written(() =>
      observer.requestEnded({
        requestId: 'request-1',
        route: 'POST /v2/chat',
        status: 502,
        latencyMs: 5,
        event,
        error,
      }),
    );
    expect(output).not.toContain('canary');
    expect(output).toContain('Error ECONNRESET');
    expect(output.match(/request-1/g)?.length).toBeGreaterThanOrEqual(1);
    expect(output).toMatch(/"Dimensions":\s*\[\s*\[\s*"service",\s*"outcome",\s*"model",\s*"provider"\s*\]\s*\]/);
  });

  it('is the whole event when the ledger could not take it', () => {
    const output = written(() => observer.usageNotStored(event, new Error('canary')));
    expect(output).toContain('usage event not stored');
    expect(output).toContain('ann@example.com');
    expect(output).not.toContain('canary');
  });
});
