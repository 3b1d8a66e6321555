import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bodyOf, type GatewayUnderTest, startGatewayUnderTest } from './gateway-under-test.ts';

let gateway: GatewayUnderTest;
beforeAll(async () => {
  gateway = await startGatewayUnderTest({
    overrides: {
      models: {
        'openai/mini-gardener': {
          provider: 'openai',
          upstreamName: 'mini-gardener',
          contextWindowTokens: 32_000,
          price: { inputPerMillion: 0.1, outputPerMillion: 0.4 },
        },
      },
      topics: {
        'plant cultivation': {
          models: ['openai/mini-gardener'],
          words: async () => ({
            certain: ['repot'],
            names: [],
            subjects: ['tomato'],
            actions: ['water$'],
            asks: [],
            against: [],
            elsewhere: [],
          }),
        },
      },
    },
  });
});
afterAll(() => gateway.close());

const suggest = (body: unknown) => gateway.post('/v2/route-suggest', body);

describe('POST /v2/route-suggest', () => {
  it('names a model within the ceiling, and says why', async () => {
    const response = await suggest({ prompt: 'Solve this complex physics problem', maxCostPer1MTokens: 3 });
    expect(response.status).toBe(200);
    const body = await bodyOf(response);
    expect(body.reasoning).toContain(body.model);
    expect(body).toMatchObject({
      taskClass: expect.any(String),
      confidence: expect.any(Number),
      complexity: expect.stringMatching(/^(low|medium|high)$/),
      topic: null,
      policy: 'balanced',
    });
    expect(body.estimatedCost).toBeGreaterThan(0);
    const dear = body.alternatives.find(({ model }: { model: string }) => model === 'anthropic/claude-opus-5-5');
    expect(dear).toMatchObject({ reason: 'price_ceiling', pricePer1M: expect.any(Number) });
    for (const { notTakenBecause } of body.alternatives) expect(notTakenBecause).toMatch(/\.$/);
  });

  it('reads the last turn of messages, and what they carry', async () => {
    const picture = { type: 'image_url', image_url: { url: 'https://example.com/a.png' } };
    const body = await bodyOf(
      await suggest({
        messages: [
          { role: 'user', content: 'Write a Go program that reads a CSV file.' },
          { role: 'assistant', content: 'package main' },
          { role: 'user', content: [{ type: 'text', text: 'Translate the sign into English, please.' }, picture] },
        ],
      }),
    );
    expect(body.taskClass).toBe('translation');
    const blind = body.alternatives.find(({ model }: { model: string }) => model === 'groq/gpt-oss-120b');
    expect(blind.reason).toBe('lacks_input');
  });

  it('sends a topic to the model that is for it', async () => {
    const body = await bodyOf(await suggest({ prompt: 'How often do I water a tomato?' }));
    expect(body).toMatchObject({ model: 'openai/mini-gardener', topic: 'plant cultivation', expectedQuality: null });
  });

  it('keeps to the policy and the region asked for', async () => {
    const prompt = 'Prove that there are infinitely many primes of the form 4k + 3.';
    const best = await bodyOf(await suggest({ prompt, policy: 'best' }));
    const cheapest = await bodyOf(await suggest({ prompt, policy: 'cheapest' }));
    expect(best.expectedQuality).toBeGreaterThan(cheapest.expectedQuality);
    expect(best.estimatedCost).toBeGreaterThan(cheapest.estimatedCost);
    const european = await bodyOf(await suggest({ prompt, needs: { region: 'eu' } }));
    expect(european.model).toMatch(/^mistral\//);
  });

  it('suggests only what the key may use', async () => {
    const { key } = await gateway.newCaller({ allowedModels: ['openai/gpt-4o-mini'] });
    const response = await gateway.post('/v2/route-suggest', { prompt: 'hello' }, { authorization: `Bearer ${key}` });
    expect((await bodyOf(response)).model).toBe('openai/gpt-4o-mini');
  });

  it('calls no model and is no usage', async () => {
    const before = (await gateway.events()).length;
    await suggest({ prompt: 'hello' });
    expect((await gateway.events()).length).toBe(before);
  });

  it.each([
    [{}, 'prompt'],
    [{ prompt: 'a', messages: [{ role: 'user', content: 'b' }] }, 'prompt'],
    [{ prompt: '' }, 'prompt'],
    [{ prompt: 7 }, 'prompt'],
    [{ messages: [] }, 'messages'],
    [{ messages: [{ role: 'system', content: 'x' }] }, 'messages'],
    [{ prompt: 'a', policy: 'dearest' }, 'policy'],
    [{ prompt: 'a', maxCostPer1MTokens: -1 }, 'maxCostPer1MTokens'],
    [{ prompt: 'a', needs: 'tools' }, 'needs'],
    [{ prompt: 'a', needs: { tools: 'yes' } }, 'tools'],
    [{ prompt: 'a', needs: { inputs: ['smell'] } }, 'inputs'],
    [{ prompt: 'a', needs: { colour: 'red' } }, 'needs'],
    [{ prompt: 'a', model: 'auto' }, 'body'],
  ])('refuses %j with a 400 that names the field', async (body, param) => {
    const response = await suggest(body);
    expect(response.status).toBe(400);
    expect((await bodyOf(response)).error).toMatchObject({ code: 'invalid_request', param });
  });

  it('refuses what is no JSON, an impossible ceiling, and a caller without a key', async () => {
    expect((await bodyOf(await suggest('{'))).error.code).toBe('invalid_json');
    expect((await bodyOf(await suggest({ prompt: 'a', maxCostPer1MTokens: 0 }))).error.code).toBe('price_ceiling');
    const anonymous = await gateway.post('/v2/route-suggest', { prompt: 'a' }, { authorization: '' });
    expect(anonymous.status).toBe(401);
  });
});
