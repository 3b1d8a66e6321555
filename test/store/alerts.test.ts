import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { configuration } from '../../config/index.ts';
import { alertsFor, type BudgetAlert, budgetAlert } from '../../lambda/core/budget-alert.ts';
import { accountsStore } from '../../lambda/store/accounts.ts';
import { alertsStore } from '../../lambda/store/alerts.ts';
import { budgetsStore } from '../../lambda/store/budgets.ts';
import { usageSummariesStore } from '../../lambda/store/usage-summaries.ts';
import { deliverAlerts, type SweepPorts, sweepAccounts } from '../../lambda/sweep/sweep.ts';
import { localTableName } from '../../local/dynamo.ts';
import { useTestDynamo } from './test-dynamo.ts';

const database = useTestDynamo();
let now = Date.parse('2026-11-24T12:00:00Z');
let told: BudgetAlert[] = [];
let isSinkDown = false;
let reapedTold = 0;
const clock = () => now;

beforeEach(() => {
  told = [];
  reapedTold = 0;
});

const ports = (): SweepPorts => ({
  accounts: accountsStore(database.client, localTableName('accounts'), clock),
  budgets: budgetsStore(
    database.client,
    localTableName('usage'),
    configuration.budgetRules,
    async () => ({ cost: 40, isLost: false }),
    clock,
  ),
  alerts: alertsStore(database.client, localTableName('usage'), clock),
  observer: {
    reservationsReaped(count) {
      reapedTold += count;
    },
  },
  usageSummaries: usageSummariesStore(database.client, localTableName('usage'), 400, clock),
  sink: async (alert) => {
    if (isSinkDown) throw new Error('down');
    told.push(alert);
  },
  clock,
  configuration,
});

/** Reserves 60 of a budget of 100, and settles so much of it, or nothing at all. */
async function spend(account: string, actual: number | undefined) {
  const request = {
    account,
    keyId: 'key_1',
    requestId: randomUUID(),
    estimate: 60,
    budgets: { dayMicroDollars: 100 },
    keyBudgets: {},
    callsInFlight: undefined,
    timeZone: 'UTC',
    call: { model: 'openai/gpt-4o', wire: 'openai', stream: false },
  };
  const verdict = await ports().budgets.reserve(request);
  if (!verdict.reserved) throw new Error(verdict.reason);
  if (actual !== undefined) await ports().budgets.settle(request, verdict.day, actual);
}

describe('a budget alert', () => {
  it('is called for by the spending that crosses a threshold, of the day and of the month', () => {
    const budgets = { dayMicroDollars: 100, monthMicroDollars: 1_000 };
    const spending = { account: 'a', day: '2026-11-24', before: 70, after: 105, earlierDays: 720 };
    expect(alertsFor(spending, budgets, [80, 100]).map(({ id }) => id)).toEqual([
      'a#2026-11-24#80',
      'a#2026-11-24#100',
      'a#2026-11#80',
    ]);
  });

  it('is told once a period, however many raise it at once', async () => {
    const alert = budgetAlert('raised', '2026-11-24', 80, 100, 85);
    for (let times = 0; times < 3; times++)
      await Promise.all([ports().alerts.raise(alert), ports().alerts.raise(alert)]);
    expect(await deliverAlerts(ports())).toEqual({ delivered: 1, failed: 0 });
    await ports().alerts.raise(alert);
    expect(await deliverAlerts(ports())).toEqual({ delivered: 0, failed: 0 });
    expect(told).toEqual([alert]);
  });

  it('waits for a receiver that is down', async () => {
    await ports().alerts.raise(budgetAlert('waits', '2026-11-24', 100, 100, 100));
    isSinkDown = true;
    expect(await deliverAlerts(ports())).toEqual({ delivered: 0, failed: 1 });
    isSinkDown = false;
    expect(await deliverAlerts(ports())).toEqual({ delivered: 1, failed: 0 });
  });
});

describe('the sweep', () => {
  it('settles what a died process had reserved by its usage event, and raises the alert it owed', async () => {
    const account = randomUUID();
    await ports().accounts.create(account, { tier: 'free', budgets: { dayMicroDollars: 100 } });
    await spend(account, 45);
    await spend(account, undefined);
    expect(await sweepAccounts(ports())).toBe(0);
    now += configuration.budgetRules.reservationLeaseMs;
    expect(await sweepAccounts(ports())).toBe(1);
    expect(reapedTold).toBe(1);
    expect(await ports().budgets.reapDay(account, '2026-11-24')).toEqual({ reaped: 0, spent: 85 });
    await deliverAlerts(ports());
    expect(told).toMatchObject([{ account, period: '2026-11-24', percent: 80, spentMicroDollars: 85 }]);
    expect(await sweepAccounts(ports())).toBe(0);
    expect(await deliverAlerts(ports())).toEqual({ delivered: 0, failed: 0 });
  });
});

describe('a month', () => {
  it('counts earlier days, and closes the day before so that nobody with a slow clock adds to it', async () => {
    const account = randomUUID();
    const request = (estimate: number) => ({
      account,
      keyId: 'key_1',
      requestId: randomUUID(),
      estimate,
      budgets: { monthMicroDollars: 100, hardStopPercent: 100 },
      keyBudgets: {},
      callsInFlight: undefined,
      timeZone: 'UTC',
      call: { model: 'openai/gpt-4o', wire: 'openai', stream: false },
    });
    const slow = ports().budgets;
    const first = request(70);
    const verdict = await slow.reserve(first);
    if (!verdict.reserved) throw new Error(verdict.reason);
    await slow.settle(first, verdict.day, 70);
    const yesterday = now;

    now += 86_400_000;
    expect(await ports().budgets.reserve(request(31))).toMatchObject({
      reserved: false,
      reason: 'account_budget',
      period: 'month',
    });
    expect(await ports().budgets.reserve(request(20))).toMatchObject({
      reserved: true,
      day: '2026-11-25',
      earlier: 70,
    });

    now = yesterday;
    expect(await slow.reserve(request(5))).toMatchObject({ reserved: true, day: '2026-11-25' });
    expect(await slow.reserve(request(6))).toMatchObject({ reserved: false, reason: 'account_budget' });
  });
});
