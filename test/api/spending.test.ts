import { setTimeout as pause } from 'node:timers/promises';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SpendingSwitch, spendingSwitch } from '../../lambda/store/spending-switch.ts';
import { localTableName } from '../../local/dynamo.ts';
import { bodyOf, type GatewayUnderTest, startGatewayUnderTest } from './gateway-under-test.ts';

/** Processes know within two seconds. */
const KNOWN_MS = 2_300;

let gateway: GatewayUnderTest;
let spending: SpendingSwitch;
beforeAll(async () => {
  gateway = await startGatewayUnderTest({ overrides: { caching: { isOn: true } }, isResilient: true });
  const [client] = gateway.databases;
  if (!client) throw new Error('The gateway has no database.');
  spending = spendingSwitch(DynamoDBDocumentClient.from(client as never), localTableName('traffic'), Date.now);
});
afterAll(() => gateway.close());

const ask = (content: string, more: object = {}) =>
  gateway.post('/v1/chat/completions', { model: 'gpt-4o-mini', messages: [{ role: 'user', content }], ...more });

describe('while spending is stopped', () => {
  it('no provider is called, kept answers are given, and a job waits; then all goes on', async () => {
    expect((await ask('What is kept?')).status).toBe(200);
    expect(await spending.stoppedAtMs()).toBeUndefined();
    await spending.stop();
    expect(await spending.stoppedAtMs()).toBeGreaterThan(0);
    await pause(KNOWN_MS);

    const refused = await ask('What is new?');
    expect(refused.status).toBe(402);
    expect(refused.headers.get('retry-after')).toBe('60');
    expect((await bodyOf(refused)).error).toMatchObject({ code: 'budget_exhausted' });
    expect((await ask('What is new?', { stream: true })).status).toBe(402);
    expect((await ask('What is kept?')).status).toBe(200);
    const health = await bodyOf(await gateway.get('/v2/health'));
    expect(Object.keys(health.models)).not.toContain('spending');

    const job = await gateway.post('/v2/jobs', { messages: [{ role: 'user', content: 'Later, please.' }] });
    const { id } = await bodyOf(job);
    await pause(500);
    expect((await bodyOf(await gateway.get(`/v2/jobs/${id}`))).state).not.toBe('failed');

    await spending.resume();
    await pause(KNOWN_MS);
    expect((await ask('What is new?')).status).toBe(200);
    expect(await spending.stoppedAtMs()).toBeUndefined();
  });
});
