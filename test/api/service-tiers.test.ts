import { expect, it } from 'vitest';
import { configuration } from '../../config/index.ts';
import { costOf } from '../../lambda/core/price.ts';
import { readOpenAiUsage } from '../../lambda/core/usage.ts';
import { bodyOf, type GatewayUnderTest, startGatewayUnderTest, startProvider } from './gateway-under-test.ts';
import { chat, chunk, close, sse } from './scripted-provider.ts';

const USAGE = { prompt_tokens: 2_000, completion_tokens: 500, total_tokens: 2_500 };
const reported = readOpenAiUsage(USAGE);
const price = configuration.models['openai/gpt-4o-mini']?.price;
if (!reported || !price) throw new Error('The model has no price.');
const ORDINARY = costOf(reported, price);

/** A gateway whose provider serves at this tier whatever it is asked; what it was asked for. */
async function servingAt(tier: string | undefined) {
  const asked: unknown[] = [];
  const provider = await startProvider((request, response) => {
    let text = '';
    request.on('data', (piece) => {
      text += piece;
    });
    request.on('end', () => {
      const { stream, service_tier } = JSON.parse(text);
      asked.push(service_tier);
      const more = tier === undefined ? {} : { service_tier: tier };
      const message = { role: 'assistant', content: 'Here.' };
      const choices = [{ index: 0, message, finish_reason: 'stop' }];
      if (!stream) {
        response
          .writeHead(200, { 'content-type': 'application/json' })
          .end(JSON.stringify({ id: 'x', object: 'chat.completion', choices, usage: USAGE, ...more }));
        return;
      }
      response.writeHead(200, sse);
      const chunks = [chunk({ content: 'Here.' }), chunk({}, 'stop')].map((one) => JSON.parse(one));
      for (const one of [...chunks, { id: 'x', object: 'chat.completion.chunk', choices: [], usage: USAGE }]) {
        response.write(`data: ${JSON.stringify({ ...one, ...more })}\n\n`);
      }
      response.end('data: [DONE]\n\n');
    });
  });
  const gateway = await startGatewayUnderTest({ provider: provider.url });
  close.push(gateway.close, provider.close);
  return { gateway, asked };
}

async function eventOf(gateway: GatewayUnderTest, body: object) {
  const response = await chat(gateway, body);
  await response.text();
  expect(response.status).toBe(200);
  return gateway.eventOf(response);
}

it.each<[string, string | undefined, string | undefined, number, { serviceTier?: string; estimated: boolean }]>([
  ['the flex tier costs half', 'flex', 'flex', 0.5, { serviceTier: 'flex', estimated: false }],
  ['the flex tier served as usual costs as usual', 'flex', 'default', 1, { estimated: false }],
  [
    'a provider that does not say did as it was asked',
    'flex',
    undefined,
    0.5,
    { serviceTier: 'flex', estimated: false },
  ],
  ['auto is the ordinary price', 'auto', 'default', 1, { estimated: false }],
  [
    'a tier nobody asked for and nobody priced is estimated',
    undefined,
    'priority',
    1,
    { serviceTier: 'priority', estimated: true },
  ],
])('%s, whole and streamed', async (_name, asking, serving, factor, usage) => {
  const { gateway, asked } = await servingAt(serving);
  for (const stream of [false, true]) {
    const event = await eventOf(gateway, { stream, ...(asking === undefined ? {} : { service_tier: asking }) });
    expect(event?.usage).toMatchObject(usage);
    expect(event?.usage.serviceTier).toBe(usage.serviceTier);
    expect(event?.costMicroDollars).toBe(ORDINARY * factor);
  }
  expect(asked).toEqual([asking, asking]);
});

it('a tier without a price is refused before anything is asked or reserved', async () => {
  const { gateway, asked } = await servingAt('priority');
  const { account, key } = await gateway.newCaller({ tier: 'pro', budgets: { dayDollars: 1 } });
  const response = await chat(gateway, { service_tier: 'priority' }, { authorization: `Bearer ${key}` });
  expect(response.status).toBe(400);
  const { error } = await bodyOf(response);
  expect(error).toMatchObject({ type: 'invalid_request_error', param: 'service_tier' });
  expect(error.message).toContain('or use flex');
  expect(asked).toEqual([]);
  expect(await gateway.events(account)).toMatchObject([{ outcome: 'rejected', attempts: 0, costMicroDollars: 0 }]);
});
