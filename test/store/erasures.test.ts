import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newErasure } from '../../lambda/core/erasure.ts';
import { requestId } from '../../lambda/core/request-id.ts';
import { callerTerms } from '../../lambda/core/terms.ts';
import type { UsageEvent } from '../../lambda/core/usage-event.ts';
import { addSummary, newSummary } from '../../lambda/core/usage-summary.ts';
import type { PersonalItem } from '../../lambda/personal-items.ts';
import { erasuresStore } from '../../lambda/store/erasures.ts';
import { personalItemsStore } from '../../lambda/store/personal-items.ts';
import { responseCacheStore } from '../../lambda/store/response-cache.ts';
import { runsStore } from '../../lambda/store/runs.ts';
import { usageEventsStore } from '../../lambda/store/usage-events.ts';
import { usageSummariesStore } from '../../lambda/store/usage-summaries.ts';
import { carryOutErasures } from '../../lambda/sweep/erase.ts';
import { composeErasePorts } from '../../lambda/sweep/gateway.ts';
import type { StoredRun } from '../../lambda/workflow/run.ts';
import { localTableName } from '../../local/dynamo.ts';
import { anyUsageEvent } from '../core/any-usage-event.ts';
import { useTestDynamo } from './test-dynamo.ts';

const database = useTestDynamo();

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const START_MS = Math.floor(1_900_000_000_000 / DAY_MS) * DAY_MS;

function account() {
  let nowMs = START_MS;
  const clock = () => nowMs;
  const id = `account-${randomUUID()}`;
  const table = localTableName('usage');
  const events = usageEventsStore(database.client, table, 400, clock);
  const summaries = usageSummariesStore(database.client, table, 400, clock);
  const erasures = erasuresStore(database.client, table);
  const ports = {
    ...composeErasePorts(database.client, localTableName, 400, clock),
    responseCache: responseCacheStore(database.client, localTableName('responses'), clock),
  };
  const order = async (user?: string) => {
    const erasureId = randomUUID();
    await erasures.order(newErasure(erasureId, id, user, nowMs));
    return erasureId;
  };
  const sum = async () => {
    const total = newSummary();
    const day = START_MS / DAY_MS;
    for (const { summary } of await summaries.read(id, day, day + 3)) addSummary(total, summary);
    return total;
  };
  const make = (fromMs: number, toMs: number, user: string | undefined, count: number): UsageEvent[] =>
    fc
      .sample(anyUsageEvent(id, START_MS + fromMs, START_MS + toMs), count)
      .map(({ user: _user, side: _side, ...event }) => ({
        ...event,
        ...(user === undefined ? {} : { user }),
      }));
  const setNow = (ms: number) => {
    nowMs = START_MS + ms;
  };
  return { id, events, summaries, erasures, ports, order, sum, make, setNow };
}

describe('an order to erase', () => {
  it('is carried out in days that are closed, too, and in what is written late by who was under way', async () => {
    const { id, events, summaries, erasures, ports, order, sum, make, setNow } = account();
    const ofAda = make(0, DAY_MS, 'ada', 6);
    const ofBob = make(0, DAY_MS, 'bob', 4);
    for (const event of [...ofAda, ...ofBob]) await events.record(event);
    setNow(2 * DAY_MS);
    await summaries.close(id);
    const before = await sum();
    expect(before.groups.user.get('ada')?.requests).toBe(6);

    // Under way while the order comes, and written after its first turn.
    const [late] = make(2 * DAY_MS - 5 * MINUTE_MS, 2 * DAY_MS, 'ada', 1) as [UsageEvent];
    const orderId = await order('ada');
    await carryOutErasures(ports);
    await events.record(late);
    expect(await erasures.find(id, orderId)).toMatchObject({ state: 'under way', requests: 6 });

    setNow(2 * DAY_MS + 21 * MINUTE_MS);
    await carryOutErasures(ports);
    await carryOutErasures(ports);
    expect(await erasures.find(id, orderId)).toMatchObject({
      state: 'done',
      requests: 7,
      doneAtMs: START_MS + 2 * DAY_MS + 21 * MINUTE_MS,
      backupsUntilMs: START_MS + 37 * DAY_MS + 21 * MINUTE_MS,
    });
    expect(await erasures.pending()).not.toContainEqual(expect.objectContaining({ account: id }));

    setNow(2 * DAY_MS + 23 * MINUTE_MS);
    await summaries.close(id);
    const after = await sum();
    expect([...after.groups.user.keys()]).toEqual(['bob']);
    expect(after.totals.costMicroDollars).toBe(before.totals.costMicroDollars + late.costMicroDollars);
    const [event] = (await events.list(id, { fromMs: START_MS, toMs: START_MS + 3 * DAY_MS, fields: {} }, 1)).events;
    expect(event).not.toHaveProperty('user');
  });

  it('leaves of a job an empty run for its machine, and nothing of what a call kept at that very moment', async () => {
    const { id, erasures, ports, order, setNow } = account();
    setNow(MINUTE_MS);
    const items = personalItemsStore(database.client, localTableName);
    const jobOf = (user: string): StoredRun => ({
      requestId: requestId(START_MS, randomUUID()),
      startedAtMs: START_MS,
      deadlineAtMs: START_MS + DAY_MS,
      route: 'POST /v2/jobs',
      caller: {
        account: id,
        keyId: 'k',
        role: 'caller',
        terms: callerTerms({ tier: 'none' }, {}, { none: {} }, 'none'),
      },
      wire: 'headgate',
      request: {
        ...{ model: undefined, stream: false, streamOptions: {}, maxTokens: undefined },
        body: { messages: [{ role: 'user', content: `said by ${user}` }] },
        options: { user, tags: [`team-of-${user}`] },
      },
      steps: [{ modelId: 'p/m', waitMs: 0, timeoutMs: 1 }],
      planRoute: { requested: null, model: 'p/m', reason: 'default' },
      asked: 'p/m',
      progress: { attempts: 0 },
      keptUntilMs: START_MS + 8 * DAY_MS,
    });
    const [adas, bobs] = [jobOf('ada'), jobOf('bob')];
    for (const job of [adas, bobs]) {
      await items.noteJob(job);
      await ports.jobRuns.put(job);
    }
    const orderId = await order('ada');
    await carryOutErasures(ports);
    expect(await erasures.find(id, orderId)).toMatchObject({ state: 'under way', jobs: 1 });
    const left = await ports.jobRuns.find(id, adas.requestId);
    expect(left).toMatchObject({ isErased: true, caller: { keyId: 'k' }, request: { body: { messages: [] } } });
    expect(JSON.stringify(left)).not.toContain('ada');

    // Looked at the run just before it was erased.
    const late = { progress: { attempts: 1 }, endedAtMs: START_MS, costMicroDollars: 0 };
    await runsStore(database.client, localTableName('usage'), () => START_MS).putResult(adas, late);
    setNow(22 * MINUTE_MS);
    await carryOutErasures(ports);
    expect(await erasures.find(id, orderId)).toMatchObject({ state: 'done', jobs: 1 });
    expect(await ports.jobRuns.find(id, adas.requestId)).toBeUndefined();
    expect(await ports.jobRuns.result(id, adas.requestId)).toBeUndefined();
    const noted: PersonalItem[] = [];
    for await (const item of items.of('jobs', id)) noted.push(item);
    expect(noted).toMatchObject([{ id: bobs.requestId, user: 'bob' }]);
    expect(await ports.jobRuns.find(id, bobs.requestId)).toEqual(bobs);
  });

  it('about the account is about all its end users, and about nobody who comes afterwards', async () => {
    const { events, ports, order, sum, make, setNow } = account();
    for (const event of [...make(0, DAY_MS, 'ada', 3), ...make(0, DAY_MS, 'bob', 3)]) await events.record(event);
    setNow(DAY_MS + MINUTE_MS);
    await order();
    for (const event of make(DAY_MS + 2 * MINUTE_MS, DAY_MS + 3 * MINUTE_MS, 'ada', 2)) await events.record(event);
    setNow(DAY_MS + 30 * MINUTE_MS);
    await carryOutErasures(ports);
    const { groups, totals } = await sum();
    expect([totals.requests, [...groups.user.keys()], groups.user.get('ada')?.requests]).toEqual([8, ['ada'], 2]);
  });
});
