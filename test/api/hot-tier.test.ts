import { describe, expect, it } from 'vitest';
import { startTestValkey, valkeyServer, WITH_VALKEY } from '../hot-tier/test-valkey.ts';
import { bodyOf, eventually, startGatewayUnderTest, startProvider } from './gateway-under-test.ts';
import { close, whole } from './scripted-provider.ts';

const QUESTION = { model: 'openai/gpt-4o', messages: [{ role: 'user', content: 'Why is the sky blue?' }] };

/** Two gateways on one database and one hot tier, whose provider takes its time. */
async function start(tookMs = 300) {
  let calls = 0;
  const provider = await startProvider((request, response) => {
    request.resume();
    calls += 1;
    const answer = whole({ content: `answer ${calls}` });
    setTimeout(() => response.writeHead(200, { 'content-type': 'application/json' }).end(answer), tookMs);
  });
  const valkey = await startTestValkey();
  const options = {
    provider: provider.url,
    valkeyUrl: valkey.url,
    overrides: { caching: { isOn: true }, deduplication: { isOn: true } },
  };
  const gateway = await startGatewayUnderTest(options);
  const beside = await startGatewayUnderTest({ ...options, beside: gateway });
  close.push(gateway.close, beside.close, valkey.close, provider.close);
  const levelOfValkey = async () => (await bodyOf(await gateway.get('/v2/health'))).dependencies.valkey;
  await eventually(async () => ((await levelOfValkey()) === 'healthy' ? true : undefined));
  return { gateway, beside, valkey, levelOfValkey, calls: () => calls };
}

const ask = ({ post }: Awaited<ReturnType<typeof startGatewayUnderTest>>, content = 'Why is the sky blue?') =>
  post('/v1/chat/completions', { ...QUESTION, messages: [{ role: 'user', content }] });

describe.skipIf(valkeyServer === undefined)(`a gateway with a hot tier (${WITH_VALKEY})`, () => {
  it('answers as without it, in both processes, and forgets what is deleted', async () => {
    const { gateway, beside, calls } = await start();
    const first = ask(gateway);
    await eventually(() => (calls() === 1 ? true : undefined));
    const waiting = ask(beside);
    await first;
    expect((await waiting).headers.get('x-headgate-cache')).toBe('coalesced');
    expect((await ask(beside)).headers.get('x-headgate-cache')).toBe('exact');
    await gateway.asAdmin('DELETE', '/v2/cache?account=local');
    expect((await ask(beside)).headers.get('x-headgate-cache')).toBe('miss');
    expect(calls()).toBe(2);
  });

  it('goes on without it, says so in its health, and does not call removed what it cannot reach', async () => {
    const { gateway, valkey, levelOfValkey } = await start(0);
    await ask(gateway);
    await valkey.close();
    expect((await ask(gateway)).headers.get('x-headgate-cache')).toBe('exact');
    expect((await ask(gateway, 'Why is the sea blue?')).status).toBe(200);
    await eventually(async () => ((await levelOfValkey()) === 'unhealthy' ? true : undefined));
    const health = await bodyOf(await gateway.get('/v2/health'));
    expect(health.status).toBe('degraded');
    const removal = await gateway.asAdmin('DELETE', '/v2/cache?account=local');
    expect([removal.status, (await bodyOf(removal)).error.code]).toEqual([503, 'store_unavailable']);
  });
});
