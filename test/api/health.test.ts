import { afterEach, describe, expect, it } from 'vitest';
import { bodyOf, eventually, startGatewayUnderTest } from './gateway-under-test.ts';

const close: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const one of close.splice(0)) await one();
});

async function start() {
  const gateway = await startGatewayUnderTest({ isResilient: true, overrides: { retry: { attempts: 1 } } });
  close.push(gateway.close);
  const ask = (content: string, fallbacks = '') =>
    gateway.post(
      '/v1/chat/completions',
      { model: 'openai/gpt-4o', messages: [{ role: 'user', content }] },
      { 'x-headgate-fallbacks': fallbacks },
    );
  const health = async () => bodyOf(await fetch(`${gateway.url}/v2/health`));
  const details = async () => bodyOf(await gateway.asAdmin('GET', '/v2/health'));
  return { gateway, ask, health, details };
}

describe('GET /v2/health', () => {
  it('has a level for the whole, each store, each provider and each model, and nothing else for the public', async () => {
    const { gateway, health } = await start();
    const body = await health();
    expect(Object.keys(body)).toEqual(['status', 'dependencies', 'providers', 'models']);
    expect(body).toMatchObject({ status: 'healthy', dependencies: { dynamodb: 'healthy' } });
    expect(body.models['openai/gpt-4o']).toBe('healthy');
    expect(body.providers.anthropic).toBe('healthy');
    const asCaller = await bodyOf(await gateway.get('/v2/health'));
    expect(asCaller.models['openai/gpt-4o']).toBe('healthy');
  });

  it('shows an open circuit at once to those who ask, and the rest of the gateway as degraded', async () => {
    const { ask, health, details } = await start();
    expect((await ask('hi')).status).toBe(200);
    for (let call = 0; call < 5; call++) expect((await ask('simulate:status=500')).status).toBe(502);
    const body = await eventually(async () => {
      const { models } = await details();
      return models['openai/gpt-4o'].circuit === 'open' ? models['openai/gpt-4o'] : undefined;
    });
    expect(body).toMatchObject({ status: 'unhealthy', lastError: 'provider_failed', circuit: 'open' });
    expect(Math.abs(Date.now() - body.sinceMs)).toBeLessThan(5_000);
    expect(body.p50Ms).toBeGreaterThan(0);
    expect(await health()).toMatchObject({
      status: 'degraded',
      providers: { openai: 'unhealthy', groq: 'healthy' },
      models: { 'openai/gpt-4o': 'unhealthy', 'openai/gpt-4o-mini': 'healthy' },
    });
    // The circuit breaker answers for it, without a call.
    const refused = await ask('hi');
    expect([refused.status, refused.headers.get('retry-after'), refused.headers.get('x-headgate-attempts')]).toEqual([
      503,
      '5',
      '0',
    ]);
    const served = await ask('hi', 'groq/gpt-oss-120b');
    expect([served.status, served.headers.get('x-headgate-model')]).toEqual([200, 'groq/gpt-oss-120b']);
  });
});
