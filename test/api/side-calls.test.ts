import { afterEach, describe, expect, it } from 'vitest';
import { API_KEY, eventually, startGatewayUnderTest, startProvider } from './gateway-under-test.ts';
import { whole } from './scripted-provider.ts';

const close: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const one of close.splice(0).reverse()) await one();
});

/** A gateway each of whose answers has a shadow that never comes to its end. */
async function start() {
  let hanging = 0;
  const provider = await startProvider((request, response) => {
    let text = '';
    request.on('data', (piece) => {
      text += piece;
    });
    request.on('end', () => {
      if (JSON.parse(text).model === 'gpt-4o-mini') hanging += 1;
      else response.writeHead(200, { 'content-type': 'application/json' }).end(whole({ content: 'yes' }));
    });
  });
  const store = await startGatewayUnderTest();
  const shadow = { model: 'openai/gpt-4o-mini', percent: 100 };
  const gateway = await startGatewayUnderTest({
    provider: provider.url,
    beside: store,
    overrides: { routing: { policies: { shop: { model: 'openai/gpt-4o', shadow } }, aliases: { shop: 'shop' } } },
  });
  close.push(provider.close, store.close, gateway.close);
  const ask = async (content: string) => {
    const response = await gateway.post(
      '/v1/chat/completions',
      { model: 'shop', messages: [{ role: 'user', content }] },
      { authorization: `Bearer ${API_KEY}` },
    );
    await response.text();
    return response.status;
  };
  return { store, gateway, ask, hanging: () => hanging };
}

describe('side calls', () => {
  it('end with their process, and are in the ledger', async () => {
    const { store, gateway, ask, hanging } = await start();
    expect(await ask('Is it Monday?')).toBe(200);
    await eventually(() => hanging() === 1 || undefined);
    const startedAt = performance.now();
    await gateway.close();
    close.pop();
    expect(performance.now() - startedAt).toBeLessThan(3_000);
    const [shadow] = (await store.events()).filter(({ side }) => side !== undefined);
    expect(shadow).toMatchObject({ side: { kind: 'shadow' }, outcome: 'client_closed', attempts: 1 });
  });

  it('are no more at once than a process can hold', async () => {
    const { ask, hanging } = await start();
    for (let asked = 0; asked < 25; asked++) expect(await ask(`Is ${asked} even?`)).toBe(200);
    await eventually(() => hanging() === 20 || undefined);
    expect(await ask('Is it late?')).toBe(200);
    expect(hanging()).toBe(20);
  });
});
