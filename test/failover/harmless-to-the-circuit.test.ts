import { afterAll, beforeAll, expect, it } from 'vitest';
import { API_KEY, eventually, type GatewayUnderTest, startGatewayUnderTest } from '../api/gateway-under-test.ts';
import { errorOf } from './answers.ts';
import { ask } from './caller.ts';
import { type FaultProvider, type Play, startFaultProvider } from './fault-provider.ts';
import { JSON_HEADERS } from './fault-wire.ts';
import { FAILURES_TO_OPEN } from './flapping.ts';
import { endingOf } from './judge.ts';
import { environmentOf, FAST, newModels, overridesOf } from './profiles.ts';

/** More than open a circuit, were they failures. */
const CALLS = 3 * FAILURES_TO_OPEN;

const models = newModels();
let play: Play;
let primary: FaultProvider;
let gateway: GatewayUnderTest;

beforeAll(async () => {
  primary = await startFaultProvider('primary', FAST.times, (wire) => play(wire));
  const environment = environmentOf(primary.url, primary.url);
  gateway = await startGatewayUnderTest({ isResilient: true, environment, overrides: overridesOf(FAST, models) });
});
afterAll(async () => {
  await primary.close();
  await gateway.close();
});

const question = { model: models.primary, isStream: false, deadlineMs: FAST.deadlineMs };

/** The primary is still asked, and answers. */
async function expectClosedCircuit(): Promise<void> {
  play = (wire) => wire.answer();
  expect(endingOf((await ask(gateway.url, question)).received)).toBe('primary');
}

it('requests that a provider refuses open no circuit', async () => {
  play = (wire) => wire.whole(400, JSON_HEADERS, errorOf('No.', null, 'invalid_request_error'));
  const replies = await Promise.all(Array.from({ length: CALLS }, () => ask(gateway.url, question)));
  expect(replies.map(({ received }) => received?.status)).toEqual(Array.from({ length: CALLS }, () => 400));
  expect(primary.calls).toHaveLength(CALLS);
  await expectClosedCircuit();
});

it('callers who hang up open no circuit', async () => {
  const before = primary.calls.length;
  play = () => {};
  const leaving = new AbortController();
  const calls = Array.from({ length: CALLS }, () =>
    fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: models.primary, messages: [{ role: 'user', content: 'Speak.' }] }),
      signal: leaving.signal,
    }).catch(() => undefined),
  );
  await eventually(() => primary.calls.length >= before + CALLS);
  leaving.abort();
  await Promise.all(calls);
  await eventually(() => primary.calls.slice(before).every(({ givenUpAtMs }) => givenUpAtMs !== undefined));
  expect(primary.calls).toHaveLength(before + CALLS);
  await expectClosedCircuit();
});
