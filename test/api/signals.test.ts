import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bodyOf, eventually, type GatewayUnderTest, startGatewayUnderTest } from './gateway-under-test.ts';

let gateway: GatewayUnderTest;
beforeAll(async () => {
  gateway = await startGatewayUnderTest();
});
afterAll(() => gateway.close());

const say = (content: string) => ({ role: 'user', content });
const CODE = 'Write a Python function that sorts dates.';
const TURNS = [say(CODE), { role: 'assistant', content: 'def sort_dates(dates): ...' }, say('Now in reverse order.')];

async function ask(messages: object[], headers: Record<string, string> = {}) {
  const response = await gateway.post('/v1/chat/completions', { model: 'auto', messages }, headers);
  await response.text();
  return response.headers.get('x-headgate-model') ?? '';
}

interface SignalRow {
  model: string;
  taskClass: string;
  answers: number;
  lost: number;
}

const learned = async () => bodyOf(await gateway.asAdmin('GET', '/v2/admin/routing/quality'));
const lost = async (): Promise<number> =>
  (await learned()).signals.reduce((sum: number, row: SignalRow) => sum + row.lost, 0);

/** Signals are told a second after the last ones at the earliest, with the next request. */
const nextSecond = () => new Promise((resolve) => setTimeout(resolve, 1_050));

describe('signals that nobody gives', () => {
  it('are answers that were asked for once more, counted against who gave them', async () => {
    await ask(TURNS);
    await nextSecond();
    const model = await ask(TURNS);
    const row = await eventually(async () =>
      (await learned()).signals.find((one: SignalRow) => one.model === model && one.lost > 0),
    );
    expect(row).toMatchObject({ answers: 2, lost: 1, offset: 0 });
  });

  it('are not other turns, nor the same first question of who may be somebody else', async () => {
    const before = await lost();
    await nextSecond();
    await ask([...TURNS, { role: 'assistant', content: 'Done.' }, say('Thank you.')]);
    for (let times = 0; times < 3; times++) await ask([say(CODE)]);
    for (const user of ['ada', 'bob']) await ask([say(CODE)], { 'x-headgate-user': user });
    // Of one and the same end user they are.
    await ask([say(CODE)], { 'x-headgate-user': 'bob' });
    await eventually(async () => ((await lost()) === before + 1 ? true : undefined));
  });

  it('are dropped while frozen, and forgotten with the scores', async () => {
    await gateway.asAdmin('PATCH', '/v2/admin/routing/quality', { frozen: true });
    const before = await lost();
    await nextSecond();
    await ask(TURNS);
    await nextSecond();
    await ask(TURNS);
    expect(await lost()).toBe(before);
    const { signals } = await bodyOf(await gateway.asAdmin('DELETE', '/v2/admin/routing/quality'));
    expect(signals).toEqual([]);
  });
});
