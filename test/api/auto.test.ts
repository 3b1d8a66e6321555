import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configuration } from '../../config/index.ts';
import { costOf } from '../../lambda/core/price.ts';
import {
  bodyOf,
  eventually,
  type GatewayUnderTest,
  startGatewayUnderTest,
  startProvider,
} from './gateway-under-test.ts';

const crowelogic = {
  wire: 'openai',
  baseUrl: 'http://10.0.0.5/v1',
  maxTokensField: 'max_tokens',
  takesStreamOptions: true,
  needsKey: false,
} as const;

const gardener = {
  provider: 'crowelogic',
  upstreamName: 'mini',
  contextWindowTokens: 32_000,
  price: { inputPerMillion: 0.1, outputPerMillion: 0.4 },
};

let gateway: GatewayUnderTest;
beforeAll(async () => {
  gateway = await startGatewayUnderTest({
    overrides: {
      providers: {
        crowelogic,
      },
      models: { 'crowelogic/mini': gardener },
      routing: { aliases: { 'team-best': 'best', 'team-cheap': 'cheapest' } },
      caching: { isOn: true },
    },
  });
});
afterAll(() => gateway.close());

const CODE = 'Design a lock-free queue in Rust, prove that it is linearizable, and write tests for it.';
const chat = (body: object, headers = {}) => gateway.post('/v1/chat/completions', body, headers);
const say = (content: string) => [{ role: 'user', content }];

describe('the model auto', () => {
  it('is chosen for the prompt; the answer names it and says why', async () => {
    const response = await chat({ model: 'auto', messages: say(CODE) });
    expect(response.status).toBe(200);
    const suggested = await bodyOf(await gateway.post('/v2/route-suggest', { prompt: CODE }));
    expect(response.headers.get('x-headgate-model')).toBe(suggested.model);
    expect(response.headers.get('x-headgate-route-reason')).toMatch(/^coding; [\d.]+; high; balanced; price$/);
    expect((await bodyOf(response)).model).toBe(suggested.model.split('/')[1]);
  });

  it('leaves what was chosen, and why, on the usage event', async () => {
    const response = await chat({ model: 'auto', messages: say('hello, how are you today?') });
    await response.text();
    expect(await gateway.eventOf(response)).toMatchObject({
      requestedModel: 'auto',
      routing: {
        policy: 'balanced',
        taskClass: 'chat',
        complexity: 'low',
        because: 'price',
        model: expect.any(String),
      },
    });
  });

  it('says what it saved: the same tokens at the model that was expected to be the best', async () => {
    const best = (await chat({ model: 'team-best', messages: say(CODE) })).headers.get('x-headgate-model') ?? '';
    const response = await chat({ model: 'team-cheap', messages: say(`${CODE} Be brief.`) });
    await response.text();
    const event = await gateway.eventOf(response);
    expect(event?.routing).toMatchObject({ best, model: expect.not.stringContaining(best) });
    const price = configuration.models[best]?.price;
    if (!event || !price) throw new Error('There is no event, or no price.');
    const atBest = costOf(event.usage, price);
    expect(event.routingSavedMicroDollars).toBe(atBest - event.costMicroDollars);
    expect(event.routingSavedMicroDollars).toBeGreaterThan(0);
  });

  it('is chosen by the policy that an alias stands for', async () => {
    const best = await chat({ model: 'team-best', messages: say(CODE) });
    const cheap = await chat({ model: 'team-cheap', messages: say(CODE) });
    expect(best.headers.get('x-headgate-model')).toBe('anthropic/claude-opus-5-5');
    expect(cheap.headers.get('x-headgate-route-reason')).toContain('cheapest');
    expect(cheap.headers.get('x-headgate-model')).not.toBe(best.headers.get('x-headgate-model'));
  });

  it('keeps within the price ceiling, by body or by header', async () => {
    const own = await bodyOf(
      await gateway.post('/v2/chat', { model: 'team-best', messages: say(CODE), maxCostPer1MTokens: 4 }),
    );
    expect(own.route).toMatchObject({ requested: 'team-best', reason: 'routed' });
    expect(own.model).toBe('gemini/gemini-3.8-flash');
    const ceiling = { 'x-headgate-max-cost-per-1m-tokens': '4' };
    const response = await chat({ model: 'team-best', messages: say(CODE) }, ceiling);
    expect(response.headers.get('x-headgate-model')).toBe('gemini/gemini-3.8-flash');
    const free = await chat({ model: 'auto', messages: say(CODE) }, { 'x-headgate-max-cost-per-1m-tokens': '0' });
    expect((await bodyOf(free)).error.code).toBe('price_ceiling');
    const wrong = await chat({ model: 'auto', messages: say(CODE) }, { 'x-headgate-max-cost-per-1m-tokens': 'low' });
    expect((await bodyOf(wrong)).error).toMatchObject({ param: 'x-headgate-max-cost-per-1m-tokens' });
  });

  it('is the one for the topic of the prompt', async () => {
    const response = await chat({ model: 'auto', messages: say('How often should I repot my orchid?') });
    expect(response.headers.get('x-headgate-model')).toBe('crowelogic/mini');
    expect(response.headers.get('x-headgate-route-reason')).toContain('topic; plant cultivation');
  });

  it('stays with a conversation, although the next turn alone would go elsewhere', async () => {
    const opening = say(`${CODE} (turns)`);
    const first = await chat({ model: 'auto:unknown', messages: opening });
    expect((await bodyOf(first)).error.code).toBe('model_not_found');
    const begun = await chat({ model: 'team-best', messages: opening });
    const answer = (await bodyOf(begun)).choices[0].message;
    const next = await chat({ model: 'team-best', messages: [...opening, answer, ...say('thanks, that is great!')] });
    expect(next.headers.get('x-headgate-model')).toBe(begun.headers.get('x-headgate-model'));
    expect(next.headers.get('x-headgate-route-reason')).toContain('conversation');
  });

  it('streams, and is cached under the model that was chosen', async () => {
    const body = { model: 'auto', messages: say('Translate into French: "The library opens at nine."'), stream: true };
    const stream = await chat(body);
    expect(await stream.text()).toContain('[DONE]');
    const again = await chat({ ...body, stream: false, model: stream.headers.get('x-headgate-model') });
    expect(again.headers.get('x-headgate-cache')).toBe('exact');
  });

  it('needs what the request needs', async () => {
    const picture = { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } };
    const messages = [{ role: 'user', content: [{ type: 'text', text: 'What is on this picture?' }, picture] }];
    const response = await chat({ model: 'auto', messages });
    const { data } = await bodyOf(await gateway.get('/v1/models'));
    const taken = data.find(({ id }: { id: string }) => id === response.headers.get('x-headgate-model'));
    expect(taken.modalities).toContain('image');
  });

  it('is for the caller who may use none of them a 403', async () => {
    const { key } = await gateway.newCaller({ allowedModels: ['perplexity/sonar'] });
    const response = await chat({ model: 'auto', messages: say('hello') }, { authorization: `Bearer ${key}` });
    expect(response.status).toBe(403);
  });

  it('is chosen for jobs, too', async () => {
    const response = await gateway.post('/v2/jobs', { model: 'auto', messages: say('hello') });
    expect(response.status).toBe(202);
    const { routing } = await eventually(() => gateway.eventOf(response));
    expect(routing).toMatchObject({ policy: 'balanced', taskClass: 'chat' });
  });
});

describe('when the model for a topic fails', () => {
  it('a general one answers', async () => {
    const provider = await startProvider((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk) => chunks.push(chunk));
      request.on('end', () => {
        const { model } = JSON.parse(Buffer.concat(chunks).toString());
        response.writeHead(model === 'mini' ? 500 : 200, { 'content-type': 'application/json' });
        const message = { role: 'assistant', content: 'In spring.' };
        const choices = [{ index: 0, message, finish_reason: 'stop' }];
        response.end(JSON.stringify({ id: 'a', object: 'chat.completion', model, choices }));
      });
    });
    const own = await startGatewayUnderTest({
      provider: provider.url,
      overrides: {
        providers: { crowelogic: { ...crowelogic, baseUrl: `${provider.url}/v1` } },
        models: { 'crowelogic/mini': gardener },
      },
    });
    try {
      const messages = say('When do I prune roses in the garden?');
      const response = await own.post('/v1/chat/completions', { model: 'auto', messages });
      expect(response.status).toBe(200);
      expect(response.headers.get('x-headgate-attempts')).toBe('2');
      expect(response.headers.get('x-headgate-model')).toMatch(/^openai\//);
      expect((await own.eventOf(response))?.routing).toMatchObject({ model: 'crowelogic/mini', because: 'topic' });
    } finally {
      await own.close();
      await provider.close();
    }
  });
});
