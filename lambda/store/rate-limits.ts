import { type DynamoDBDocumentClient, GetCommand, UpdateCommand, type UpdateCommandInput } from '@aws-sdk/lib-dynamodb';
import { afterRefusals, GOOD_CONDUCT, type Penalties } from '../core/lock-out.ts';
import { chargeUpdate, slotAttribute } from '../core/rate-update.ts';
import { type Charge, judgeCharges, SPAN, slotOf } from '../core/rate-window.ts';
import type { Admission, Clock, RateLimits } from '../ports.ts';
import { unlessConditionFails } from './conditional-write.ts';
import { NEW_STATE, type RateState, readState, updateExpression } from './rate-item.ts';

/** An item lives on for a day after its last use: until then offences are remembered. */
const KEPT_SECONDS = 86_400 + 3_600;

/** A refusal by a counter that others may lower is believed for this long without looking. */
const TOKENS_BELIEVED_MS = 1_000;

/** Refusals are written down at most this often by each process. */
const REFUSALS_WRITTEN_EVERY_MS = 10_000;

/** Tries at one charge. Each failed one means that somebody else's succeeded. */
const MAXIMUM_TRIES = 12;

/** Accounts a process remembers; beyond it the oldest are read again. */
const MAXIMUM_VIEWS = 10_000;

/** What this process last saw of an account. */
interface View {
  state: RateState;
  seenAtMs: number;
  unwrittenRefusals: number;
  refusalsWrittenAtMs: number;
}

/**
 * The limits in the `traffic` table: one item an account at `pk = rate#<account>`, `sk = window`, charged by one
 * conditional update. A client that tries once is wanted: a repeated charge counts twice.
 */
export function rateLimitsStore(
  client: DynamoDBDocumentClient,
  tableName: string,
  penalties: Penalties,
  clock: Clock,
): RateLimits & { unlock(account: string): Promise<void> } {
  const views = new Map<string, View>();
  const keyOf = (account: string) => ({ pk: `rate#${account}`, sk: 'window' });

  function viewOf(account: string): View {
    const known = views.get(account);
    if (known) return known;
    const view: View = { state: NEW_STATE, seenAtMs: 0, unwrittenRefusals: 0, refusalsWrittenAtMs: 0 };
    views.set(account, view);
    if (views.size > MAXIMUM_VIEWS) views.delete(views.keys().next().value as string);
    return view;
  }

  /** Takes over what the store says, unless this process has seen something newer meanwhile. */
  function see(view: View, item: Record<string, unknown> | undefined): void {
    const state = readState(item);
    if (state.window.epoch < view.state.window.epoch) return;
    view.state = state;
    view.seenAtMs = clock();
  }

  async function look(account: string, view: View): Promise<void> {
    const { Item } = await client.send(
      new GetCommand({ TableName: tableName, Key: keyOf(account), ConsistentRead: true }),
    );
    see(view, Item);
  }

  /** One conditional update; answers with the epoch it charged, or undefined when the item was not what the view says. */
  async function charge(account: string, view: View, charges: readonly Charge[]): Promise<number | undefined> {
    const now = clock();
    const update = chargeUpdate(view.state.window, charges, now);
    const expression = updateExpression(update, now, Math.ceil(now / 1_000) + KEPT_SECONDS);
    const isCharged = await conditionally(view, { TableName: tableName, Key: keyOf(account), ...expression });
    return isCharged ? update.epoch : undefined;
  }

  /** One conditional update of a charge already made; false when the item was no longer what the view says. */
  async function correct(
    account: string,
    view: View,
    counter: string,
    epoch: number,
    difference: number,
  ): Promise<boolean> {
    return conditionally(view, {
      TableName: tableName,
      Key: keyOf(account),
      UpdateExpression: 'ADD #total :difference, #slot :difference',
      ConditionExpression: 'epoch = :epoch',
      ExpressionAttributeNames: { '#total': counter, '#slot': slotAttribute(counter, slotOf(epoch)) },
      ExpressionAttributeValues: { ':difference': difference, ':epoch': view.state.window.epoch },
    });
  }

  /** Sends an update and takes over the new item; false when its condition did not hold. */
  async function conditionally(view: View, update: UpdateCommandInput): Promise<boolean> {
    return unlessConditionFails(
      client
        .send(new UpdateCommand({ ...update, ReturnValues: 'ALL_NEW' }))
        .then(({ Attributes }) => see(view, Attributes)),
    );
  }

  async function noteRefusal(account: string, view: View): Promise<void> {
    view.unwrittenRefusals += 1;
    const now = clock();
    if (now - view.refusalsWrittenAtMs < REFUSALS_WRITTEN_EVERY_MS) return;
    view.refusalsWrittenAtMs = now;
    const refusals = view.unwrittenRefusals;
    view.unwrittenRefusals = 0;
    await writeConduct(account, view, refusals);
  }

  /** Adds refusals to the account's conduct. A lost race is repeated once on what the winner wrote, then left. */
  async function writeConduct(account: string, view: View, refusals: number): Promise<void> {
    for (let tries = 0; tries < 2; tries++) {
      const { conduct, conductRevision } = view.state;
      const next = afterRefusals(conduct, refusals, penalties, clock());
      const isWritten = await conditionally(view, {
        TableName: tableName,
        Key: keyOf(account),
        UpdateExpression: 'SET conduct = :next, lockedUntilMs = :until, conductRevision = :revision',
        ConditionExpression:
          conductRevision === 0 ? 'attribute_not_exists(conductRevision)' : 'conductRevision = :known',
        ExpressionAttributeValues: {
          ':next': next,
          ':until': next.lockedUntilMs,
          ':revision': conductRevision + 1,
          ...(conductRevision === 0 ? {} : { ':known': conductRevision }),
        },
      });
      if (isWritten) return;
      await look(account, view);
    }
  }

  /** The verdict of what this process knows, or undefined when it must ask the store. */
  function judge(view: View, charges: readonly Charge[], isFresh: boolean): Admission | undefined {
    const now = clock();
    const { lockedUntilMs } = view.state.conduct;
    if (lockedUntilMs > now && (isFresh || now - view.seenAtMs < TOKENS_BELIEVED_MS)) {
      return { allowed: false, reason: 'locked_out', retryAtMs: lockedUntilMs, standings: [] };
    }
    const verdict = judgeCharges(view.state.window, charges, now);
    if (verdict.allowed) return undefined;
    const isSure = isFresh || !verdict.refusedBy.startsWith('t') || now - view.seenAtMs < TOKENS_BELIEVED_MS;
    if (!isSure) return undefined;
    const { refusedBy, retryAtMs, standings } = verdict;
    return { allowed: false, reason: 'rate_limit', refusedBy, retryAtMs, standings };
  }

  return {
    async admit(account, charges): Promise<Admission> {
      const view = viewOf(account);
      let isFresh = false;
      for (let tries = 0; tries < MAXIMUM_TRIES; tries++) {
        const refusal = judge(view, charges, isFresh);
        if (refusal) {
          await noteRefusal(account, view);
          return refusal;
        }
        const epoch = await charge(account, view, charges);
        if (epoch !== undefined) {
          const { window } = view.state;
          return { allowed: true, standings: judgeCharges(window, withoutAmounts(charges), clock()).standings, epoch };
        }
        await look(account, view);
        isFresh = true;
      }
      throw new Error('The limits are contended beyond reason.');
    },

    async settle(account, counter, epoch, difference) {
      if (difference === 0) return;
      const view = viewOf(account);
      for (let tries = 0; tries < MAXIMUM_TRIES; tries++) {
        if (view.state.window.epoch - epoch >= SPAN) return;
        if (await correct(account, view, counter, epoch, difference)) return;
        await look(account, view);
      }
    },

    async unlock(account) {
      await client.send(
        new UpdateCommand({
          TableName: tableName,
          Key: keyOf(account),
          UpdateExpression: 'SET conduct = :good, lockedUntilMs = :zero ADD conductRevision :one',
          ExpressionAttributeValues: { ':good': GOOD_CONDUCT, ':zero': 0, ':one': 1 },
        }),
      );
      views.delete(account);
    },
  };
}

function withoutAmounts(charges: readonly Charge[]): Charge[] {
  return charges.map((charge) => ({ ...charge, amount: 0 }));
}
