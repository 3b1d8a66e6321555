import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bodyOf, type GatewayUnderTest, startGatewayUnderTest } from './gateway-under-test.ts';

const QUESTIONS = [
  'Write a Python function that sorts dates.',
  'hello, how are you today?',
  'Solve 3x + 5 = 20.',
  'Translate into French: "The library opens at nine."',
];

let gateway: GatewayUnderTest;
const accounts: string[] = [];

beforeAll(async () => {
  gateway = await startGatewayUnderTest();
  for (let index = 0; index < 2; index++) {
    const { account, key } = await gateway.newCaller({ tier: 'master' });
    accounts.push(account);
    const ask = async (model: string, content: string) => {
      const body = { model, messages: [{ role: 'user', content }] };
      const response = await gateway.post('/v1/chat/completions', body, { authorization: `Bearer ${key}` });
      await response.text();
    };
    for (const question of QUESTIONS) await ask('auto:best', question);
    await ask('openai/gpt-4o-mini', 'hello');
    await ask('auto', 'simulate:status=400');
  }
});
afterAll(() => gateway.close());

const report = async (query = '') => bodyOf(await gateway.asAdmin('GET', `/v2/admin/routing/report${query}`));

interface Line {
  policy?: string;
  model?: string;
  requests: number;
  costMicroDollars: number;
  expectedQuality: number;
}

describe('GET /v2/admin/routing/report', () => {
  it('sets what an account was charged beside what other policies and models would have cost', async () => {
    const [account = ''] = accounts;
    const body = await report(`?account=${account}`);
    const answered = (await gateway.events(account)).filter(
      ({ routing, outcome }) => routing && outcome === 'answered',
    );
    const cost = answered.reduce((sum, event) => sum + event.costMicroDollars, 0);
    expect(body).toMatchObject({
      account,
      requests: 4,
      leftOut: { named: 1, notAnswered: 1, sideCalls: 0, reused: 0, earlier: 0 },
      actual: { requests: 4, rated: 4, costMicroDollars: cost, costDollars: (cost / 1e6).toFixed(6) },
    });
    const line = (name: string): Line => body.policies.find(({ policy }: Line) => policy === name);
    // It was this policy that chose, and prices have not changed since.
    expect(line('best')).toMatchObject({ requests: 4, costMicroDollars: cost });
    expect(line('cheapest').costMicroDollars).toBeLessThan(cost);
    expect(line('cheapest').expectedQuality).toBeLessThan(line('best').expectedQuality);
    const always: Line = body.models.find(({ model }: Line) => model === 'anthropic/claude-opus-5-5');
    expect(always.costMicroDollars).toBeGreaterThanOrEqual(cost);
  });

  it('is of all accounts, and its pages add up to it', async () => {
    const whole = await report();
    expect(whole).toMatchObject({ account: null, requests: 8, leftOut: { named: 2, notAnswered: 2 } });
    expect(whole.next).toBeUndefined();
    let [requests, cost, pages, next] = [0, 0, 0, ''];
    do {
      const page = await report(`?limit=5${next ? `&after=${encodeURIComponent(next)}` : ''}`);
      requests += page.requests;
      cost += page.actual.costMicroDollars;
      pages += 1;
      next = page.next ?? '';
    } while (next !== '');
    expect([requests, cost, pages]).toEqual([8, whole.actual.costMicroDollars, 3]);
  });

  it.each(['?limit=0', '?from=yesterday', '?from=2026-01-01&to=2026-03-01', '?after=nowhere', '?policy=best'])(
    'answers 400 to %s',
    async (query) => {
      expect((await gateway.asAdmin('GET', `/v2/admin/routing/report${query}`)).status).toBe(400);
    },
  );

  it('is for admins', async () => {
    expect((await gateway.get('/v2/admin/routing/report')).status).toBe(403);
  });
});
