import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bodyOf, type GatewayUnderTest, startGatewayUnderTest } from './gateway-under-test.ts';

let gateway: GatewayUnderTest;
beforeAll(async () => {
  gateway = await startGatewayUnderTest();
});
afterAll(() => gateway.close());

async function answered(model: string): Promise<string> {
  const messages = [{ role: 'user', content: 'Write a Python function that sorts dates.' }];
  const response = await gateway.post('/v1/chat/completions', { model, messages });
  await response.text();
  return response.headers.get('x-headgate-request-id') ?? '';
}

const give = (body: unknown, headers = {}) => gateway.post('/v2/feedback', body, headers);
const quality = async () => bodyOf(await gateway.asAdmin('GET', '/v2/admin/routing/quality'));

describe('POST /v2/feedback', () => {
  it('counts a score once, for the model that answered and the class of the task', async () => {
    const requestId = await answered('auto');
    const body = await bodyOf(await give({ requestId, score: 0.9 }));
    expect(body).toMatchObject({ requestId, taskClass: 'coding', counted: true, model: expect.any(String) });
    const again = await give({ requestId, score: 0.1 });
    expect(again.status).toBe(409);
    const { frozen, data } = await quality();
    expect(frozen).toBe(false);
    expect(data).toEqual([{ model: body.model, taskClass: 'coding', count: 1, meanScore: 0.9, offset: 0 }]);
  });

  it('is frozen and forgotten by an admin', async () => {
    await gateway.asAdmin('PATCH', '/v2/admin/routing/quality', { frozen: true });
    const requestId = await answered('auto');
    expect(await bodyOf(await give({ requestId, score: 0 }))).toMatchObject({ counted: false });
    const [before] = (await quality()).data;
    expect(before.count).toBe(1);
    expect(await bodyOf(await gateway.asAdmin('DELETE', '/v2/admin/routing/quality'))).toEqual({
      frozen: false,
      data: [],
      signals: [],
    });
    const wrong = await gateway.asAdmin('PATCH', '/v2/admin/routing/quality', { frozen: 'yes' });
    expect((await bodyOf(wrong)).error.param).toBe('frozen');
    expect((await gateway.get('/v2/admin/routing/quality')).status).toBe(403);
  });

  it('is for routed answers of the own account only', async () => {
    const named = await answered('openai/gpt-4o-mini');
    expect((await bodyOf(await give({ requestId: named, score: 1 }))).error).toMatchObject({ param: 'requestId' });
    const requestId = await answered('auto');
    const { key } = await gateway.newCaller({});
    expect((await give({ requestId, score: 1 }, { authorization: `Bearer ${key}` })).status).toBe(404);
  });

  it.each([
    [{ score: 1 }, 'requestId'],
    [{ requestId: 'x', score: 1 }, 'requestId'],
    [{ requestId: '0198c6de-7d5a-7c3e-8f3a-000000000000', score: 2 }, 'score'],
    [{ requestId: '0198c6de-7d5a-7c3e-8f3a-000000000000', score: '1' }, 'score'],
    [{ requestId: '0198c6de-7d5a-7c3e-8f3a-000000000000', score: 1, text: 'good' }, 'body'],
  ])('refuses %j', async (body, param) => {
    const response = await give(body);
    expect(response.status).toBe(400);
    expect((await bodyOf(response)).error.param).toBe(param);
  });
});
