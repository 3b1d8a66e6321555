import {
  type DynamoDBDocumentClient,
  GetCommand,
  QueryCommand,
  UpdateCommand,
  type UpdateCommandInput,
} from '@aws-sdk/lib-dynamodb';
import { type BudgetRules, type Ceilings, type Committed, ceilings } from '../core/budget.ts';
import { type Day, dayAt, monthOf } from '../core/calendar.ts';
import { reservedBy } from '../core/lost-call.ts';
import type { MicroDollars } from '../core/price.ts';
import type { Budgets, Clock, ReservationRequest, ReservationVerdict } from '../ports.ts';
import { daysAfter } from '../utc-day.ts';
import {
  type BudgetDay,
  inFlightAttribute,
  keyAttribute,
  lostAttribute,
  type Pending,
  pendingAttribute,
  readDay,
  sumDays,
} from './budget-item.ts';
import { budgetKnowledge } from './budget-knowledge.ts';
import { unlessConditionFails } from './conditional-write.ts';
import type { CostOfUnsettled, UnsettledCost } from './lost-calls.ts';

/** Earlier days of a month can only lose committed money, so an old sum is safe; it is read again to see the gain. */
const EARLIER_DAYS_BELIEVED_MS = 60_000;

const MAXIMUM_TRIES = 6;

/** More pending calls than this make the item, and so each write, too large. */
const MAXIMUM_PENDING = 200;

/** Beyond these an account's further side calls are not made: what nobody waits for must not crowd the item. */
const MAXIMUM_SIDE_CALLS = 20;
/** So many lost calls of a day can still be corrected: more would make the item large. */
const MAXIMUM_LOST = 100;

/** Accounts whose earlier days a process remembers. */
const MAXIMUM_REMEMBERED = 10_000;

/** Whose month is asked for. */
type MonthRequest = Pick<ReservationRequest, 'account' | 'keyId' | 'budgets' | 'keyBudgets'>;

/**
 * Budgets in the `usage` table. Reserving and settling are one conditional update of one item each, the account's day;
 * `committed` is always what is spent plus what is reserved. The month is checked with the earlier days' sum as a value,
 * which is why a day is closed before that sum is first read: nobody with a slow clock adds to it afterwards.
 */
export function budgetsStore(
  client: DynamoDBDocumentClient,
  tableName: string,
  rules: BudgetRules,
  costOfUnsettled: CostOfUnsettled,
  clock: Clock,
): Budgets {
  const knowledge = budgetKnowledge(clock);
  const remembered = new Map<string, { days: Promise<BudgetDay[]>; readAtMs: number }>();
  const keyOf = (account: string, day: Day) => ({ pk: `budget#${account}`, sk: day });

  /** Sends an update; what it changed (others' calls are not sent back), or undefined when its condition did not hold. */
  async function update(input: Omit<UpdateCommandInput, 'TableName'>): Promise<BudgetDay | undefined> {
    let day: BudgetDay | undefined;
    await unlessConditionFails(
      client
        .send(new UpdateCommand({ TableName: tableName, ReturnValues: 'UPDATED_NEW', ...input }))
        .then(({ Attributes }) => {
          day = readDay(Attributes);
        }),
    );
    return day;
  }

  async function look(account: string, day: Day): Promise<BudgetDay> {
    const { Item } = await client.send(
      new GetCommand({ TableName: tableName, Key: keyOf(account, day), ConsistentRead: true }),
    );
    return readDay(Item);
  }

  async function readEarlierDays(account: string, day: Day): Promise<BudgetDay[]> {
    const month = monthOf(day);
    const yesterday = daysAfter(day, -1);
    if (monthOf(yesterday) !== month) return [];
    await update({
      Key: keyOf(account, yesterday),
      UpdateExpression: 'SET isClosed = :true',
      ExpressionAttributeValues: { ':true': true },
    });
    const { Items = [] } = await client.send(
      new QueryCommand({
        TableName: tableName,
        KeyConditionExpression: 'pk = :pk AND sk BETWEEN :first AND :last',
        ExpressionAttributeValues: { ':pk': `budget#${account}`, ':first': `${month}-01`, ':last': yesterday },
        ConsistentRead: true,
      }),
    );
    return Promise.all(Items.map((item) => reapedDay(account, String(item.sk), readDay(item))));
  }

  /** The day without what died processes had reserved on it. */
  async function reapedDay(account: string, day: Day, held: BudgetDay): Promise<BudgetDay> {
    return (await reap(account, day, held)) > 0 ? look(account, day) : held;
  }

  async function earlierDays(request: MonthRequest, day: Day): Promise<Committed> {
    const { account, keyId, budgets, keyBudgets } = request;
    if (budgets.monthMicroDollars === undefined && keyBudgets.monthMicroDollars === undefined)
      return { account: 0, key: 0 };
    const name = `${account}#${day}`;
    const known = remembered.get(name);
    if (known && clock() - known.readAtMs < EARLIER_DAYS_BELIEVED_MS) return sumDays(await known.days, keyId);
    const days = readEarlierDays(account, day);
    remembered.delete(name);
    remembered.set(name, { days, readAtMs: clock() });
    if (remembered.size > MAXIMUM_REMEMBERED) remembered.delete(remembered.keys().next().value as string);
    days.catch(() => remembered.delete(name));
    return sumDays(await days, keyId);
  }

  function write(request: ReservationRequest, day: Day, limits: Ceilings): Promise<BudgetDay | undefined> {
    const { account, keyId, requestId, estimate, isSideCall, call } = request;
    const expiresAtMs = clock() + rules.reservationLeaseMs;
    const pending: Pending = { keyId, estimate, expiresAtMs, call, ...(isSideCall ? { isSideCall } : {}) };
    const conditions = [
      'attribute_not_exists(#pending)',
      'attribute_not_exists(#lost)',
      'attribute_not_exists(isClosed)',
      '(attribute_not_exists(#inFlight) OR #inFlight < :most)',
    ];
    const values: Record<string, unknown> = {
      ':pending': pending,
      ':estimate': estimate,
      ':zero': 0,
      ':one': 1,
      ':most': mostInFlight(request),
    };
    if (Number.isFinite(limits.account.most)) {
      conditions.push('(attribute_not_exists(committed) OR committed <= :room)');
      values[':room'] = limits.account.most - estimate;
    }
    if (Number.isFinite(limits.key.most)) {
      conditions.push('(attribute_not_exists(#key) OR #key <= :keyRoom)');
      values[':keyRoom'] = limits.key.most - estimate;
    }
    return update({
      Key: keyOf(account, day),
      UpdateExpression:
        'SET committed = if_not_exists(committed, :zero) + :estimate, #key = if_not_exists(#key, :zero) + :estimate, ' +
        '#inFlight = if_not_exists(#inFlight, :zero) + :one, #pending = :pending',
      ConditionExpression: conditions.join(' AND '),
      ExpressionAttributeNames: {
        '#pending': pendingAttribute(requestId),
        '#lost': lostAttribute(requestId),
        '#key': keyAttribute(keyId),
        '#inFlight': inFlightAttribute(request),
      },
      ExpressionAttributeValues: values,
    });
  }

  /** With `lost`, the call may still turn out to live; `forgotten` is another that no longer can. */
  async function settle(
    account: string,
    day: Day,
    requestId: string,
    pending: Pick<Pending, 'keyId' | 'estimate' | 'isSideCall'>,
    actual: MicroDollars,
    lost?: { forgotten: string | undefined },
  ) {
    const { keyId, estimate } = pending;
    const { forgotten } = lost ?? {};
    return update({
      Key: keyOf(account, day),
      UpdateExpression:
        'SET committed = committed + :difference, #key = #key + :difference, #inFlight = #inFlight - :one, ' +
        `spent = if_not_exists(spent, :zero) + :actual${lost ? ', #lost = :actual' : ''} ` +
        `REMOVE #pending${forgotten === undefined ? '' : ', #forgotten'}`,
      ConditionExpression: 'attribute_exists(#pending)',
      ExpressionAttributeNames: {
        '#pending': pendingAttribute(requestId),
        '#key': keyAttribute(keyId),
        '#inFlight': inFlightAttribute(pending),
        ...(lost ? { '#lost': lostAttribute(requestId) } : {}),
        ...(forgotten === undefined ? {} : { '#forgotten': lostAttribute(forgotten) }),
      },
      ExpressionAttributeValues: { ':difference': actual - estimate, ':actual': actual, ':one': 1, ':zero': 0 },
    });
  }

  /** Corrects what a call was taken to cost when its process seemed lost; undefined when it was not. */
  async function settleLost({ account, keyId, requestId }: ReservationRequest, day: Day, actual: MicroDollars) {
    const assumed = (await look(account, day)).lost[requestId];
    if (assumed === undefined) return undefined;
    return update({
      Key: keyOf(account, day),
      UpdateExpression:
        'SET committed = committed + :difference, #key = #key + :difference, spent = spent + :difference REMOVE #lost',
      ConditionExpression: 'attribute_exists(#lost)',
      ExpressionAttributeNames: { '#lost': lostAttribute(requestId), '#key': keyAttribute(keyId) },
      ExpressionAttributeValues: { ':difference': actual - assumed },
    });
  }

  /** Settles the reservations whose lease has ended by what the ledger says; how many there were. */
  async function reap(account: string, day: Day, held: BudgetDay): Promise<number> {
    const expired = Object.entries(held.pending).filter(([, pending]) => pending.expiresAtMs <= clock());
    const known = Object.keys(held.lost).sort();
    for (const [id, pending] of expired) {
      const { cost, isLost } = isFollowed(id, held) ? FREE : await costOfUnsettled(account, id, pending);
      if (isLost) known.push(id);
      const forgotten = known.length > MAXIMUM_LOST ? known.shift() : undefined;
      await settle(account, day, id, pending, cost, isLost ? { forgotten } : undefined);
    }
    return expired.length;
  }

  /** One try at reserving on a day. What it could mend is worth another; a closed day is followed by the next. */
  async function tryDay(request: ReservationRequest, day: Day): Promise<ReservationVerdict | 'again' | 'next day'> {
    const earlier = await earlierDays(request, day);
    const limits = ceilings(request.budgets, request.keyBudgets, earlier, rules);
    // An empty day passes any condition, so what could never fit is refused before.
    const { account, key } = limits;
    if (request.estimate > account.most) return { reserved: false, reason: 'account_budget', period: account.period };
    if (request.estimate > key.most) return { reserved: false, reason: 'key_budget', period: key.period };
    const held = (await write(request, day, limits)) ?? (await look(request.account, day));
    knowledge.note(request, day, held, limits);
    if (held.pending[request.requestId] ?? held.lost[request.requestId] !== undefined)
      return { reserved: true, day, committed: held.committed, earlier: earlier.account };
    if (held.isClosed) return 'next day';
    if ((await reap(request.account, day, held)) > 0) return 'again';
    return refusal(request, held, limits) ?? 'again';
  }

  /** Why the write did not go through, once what can be mended is mended; undefined when it is worth another try. */
  function refusal(request: ReservationRequest, held: BudgetDay, limits: Ceilings): ReservationVerdict | undefined {
    const { estimate, keyId } = request;
    const most = mostInFlight(request);
    const { account, key } = limits;
    if (held[inFlightAttribute(request)] >= most) return { reserved: false, reason: 'calls_in_flight', most };
    if (held.committed + estimate > account.most)
      return { reserved: false, reason: 'account_budget', period: account.period };
    if ((held.committedByKey[keyId] ?? 0) + estimate > key.most)
      return { reserved: false, reason: 'key_budget', period: key.period };
    return undefined;
  }

  return {
    async prepare({ account, keyId, terms }) {
      await earlierDays({ account, keyId, ...terms }, dayAt(clock(), terms.timeZone));
    },

    left: ({ account, keyId, terms }) => knowledge.left({ account, keyId }, dayAt(clock(), terms.timeZone)),

    async reserve(request) {
      let day = dayAt(clock(), request.timeZone);
      for (let tries = 0; tries < MAXIMUM_TRIES; tries++) {
        const outcome = await tryDay(request, day);
        if (outcome === 'next day') day = daysAfter(day, 1);
        else if (outcome !== 'again') return outcome;
      }
      throw new Error('The budget is contended beyond reason.');
    },

    async settle(request, day, actual) {
      const settled =
        (await settle(request.account, day, request.requestId, request, actual)) ??
        (await settleLost(request, day, actual));
      if (settled) knowledge.note(request, day, settled);
      return settled && { spent: settled.spent };
    },

    async reapDay(account, day) {
      const held = await look(account, day);
      const reaped = await reap(account, day, held);
      return { reaped, spent: (reaped > 0 ? await look(account, day) : held).spent };
    },

    async committedBefore(account, day) {
      return sumDays(await readEarlierDays(account, day), '').account;
    },
  };
}

/** A call that failed, so that another was made for its request: it was given back, though that did not arrive. */
const FREE: UnsettledCost = { cost: 0, isLost: false };

/** True when a later call of the same request is under way. */
function isFollowed(id: string, { pending }: BudgetDay): boolean {
  const { requestId, callNumber } = reservedBy(id);
  return Object.keys(pending)
    .map(reservedBy)
    .some((one) => one.requestId === requestId && one.callNumber > callNumber);
}

/** The calls an account may have in flight at once: its own limit, or what an item can hold. */
function mostInFlight({ callsInFlight, isSideCall }: ReservationRequest): number {
  if (isSideCall) return MAXIMUM_SIDE_CALLS;
  return Math.min(callsInFlight ?? MAXIMUM_PENDING, MAXIMUM_PENDING);
}
