import { type DynamoDBDocumentClient, GetCommand, UpdateCommand, type UpdateCommandInput } from '@aws-sdk/lib-dynamodb';
import { afterRefusals, GOOD_CONDUCT, type Penalties } from '../core/lock-out.ts';
import { TOKENS } from '../core/rate-charges.ts';
import { chargeUpdate, epochAttribute, slotAttribute } from '../core/rate-update.ts';
import { type Charge, counterOf, judgeCharges, type RateWindow, SPAN, slotOf } from '../core/rate-window.ts';
import type { Admission, Clock, Correction, RateLimits } from '../ports.ts';
import { unlessConditionFails } from './conditional-write.ts';
import { NEW_STATE, type RateState, readState, updateExpression } from './rate-item.ts';

/** An item lives on for a day after its last use: until then offences are remembered. */
const KEPT_SECONDS = 86_400 + 3_600;

/** What others may have changed for the better (tokens given back, a lock-out lifted) is believed for this long unseen. */
const BELIEVED_MS = 1_000;

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
  firstUnwrittenAtMs: number;
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
    const view: View = {
      state: NEW_STATE,
      seenAtMs: 0,
      unwrittenRefusals: 0,
      firstUnwrittenAtMs: 0,
      refusalsWrittenAtMs: 0,
    };
    views.set(account, view);
    if (views.size > MAXIMUM_VIEWS) views.delete(views.keys().next().value as string);
    return view;
  }

  function see(view: View, item: Record<string, unknown> | undefined): void {
    view.state = readState(item);
    view.seenAtMs = clock();
  }

  async function look(account: string, view: View): Promise<void> {
    const { Item } = await client.send(
      new GetCommand({ TableName: tableName, Key: keyOf(account), ConsistentRead: true }),
    );
    see(view, Item);
  }

  /** Sends an update and takes over the new item; false when its condition did not hold. */
  async function conditionally(view: View, update: Omit<UpdateCommandInput, 'TableName'>): Promise<boolean> {
    return unlessConditionFails(
      client
        .send(new UpdateCommand({ TableName: tableName, ...update, ReturnValues: 'ALL_NEW' }))
        .then(({ Attributes }) => see(view, Attributes)),
    );
  }

  /** One conditional update; the epochs it charged, or undefined when the item was not what the view says. */
  async function charge(
    account: string,
    view: View,
    charges: readonly Charge[],
  ): Promise<Record<string, number> | undefined> {
    const now = clock();
    const update = chargeUpdate(view.state.window, charges, now);
    const expression = updateExpression(update, now, Math.ceil(now / 1_000) + KEPT_SECONDS);
    return (await conditionally(view, { Key: keyOf(account), ...expression })) ? update.epochs : undefined;
  }

  /** Counts a refusal, and from time to time writes the count down. A store that fails loses counts, nothing else. */
  async function noteRefusal(account: string, view: View): Promise<void> {
    const now = clock();
    if (now - view.firstUnwrittenAtMs >= penalties.refusalsWithinMs) view.unwrittenRefusals = 0;
    if (view.unwrittenRefusals === 0) view.firstUnwrittenAtMs = now;
    view.unwrittenRefusals += 1;
    if (now - view.refusalsWrittenAtMs < REFUSALS_WRITTEN_EVERY_MS) return;
    view.refusalsWrittenAtMs = now;
    const refusals = view.unwrittenRefusals;
    view.unwrittenRefusals = 0;
    await writeConduct(account, view, refusals).catch(() => {});
  }

  /**
   * Adds refusals to the account's conduct. After a lost race only the present one is added: what came before may have
   * been counted, or forgiven, by the winner.
   */
  async function writeConduct(account: string, view: View, refusals: number): Promise<void> {
    for (const counted of [refusals, 1]) {
      const { conduct, conductRevision } = view.state;
      const next = afterRefusals(conduct, counted, penalties, clock());
      const isWritten = await conditionally(view, {
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

  /** The refusal that what this process knows calls for; 'unsure' when the store may know better; undefined for none. */
  function judge(view: View, charges: readonly Charge[]): (Admission & { allowed: false }) | 'unsure' | undefined {
    const now = clock();
    const isNew = now - view.seenAtMs < BELIEVED_MS;
    const { lockedUntilMs } = view.state.conduct;
    if (lockedUntilMs > now) {
      return isNew ? { allowed: false, reason: 'locked_out', retryAtMs: lockedUntilMs, standings: [] } : 'unsure';
    }
    const verdict = judgeCharges(view.state.window, charges, now);
    if (verdict.allowed) return undefined;
    const { refusedBy, retryAtMs, standings } = verdict;
    if (refusedBy === TOKENS && !isNew) return 'unsure';
    return { allowed: false, reason: 'rate_limit', refusedBy, retryAtMs, standings };
  }

  return {
    isRefusing: (account, charges) => typeof judge(viewOf(account), charges) === 'object',

    async admit(account, charges): Promise<Admission> {
      const view = viewOf(account);
      // A blind charge of an account that others have charged would fail, and cost a write.
      if (view.seenAtMs === 0) await look(account, view);
      for (let tries = 0; tries < MAXIMUM_TRIES; tries++) {
        const refusal = judge(view, charges);
        if (typeof refusal === 'object') {
          await noteRefusal(account, view);
          return refusal;
        }
        const epochs = refusal === 'unsure' ? undefined : await charge(account, view, charges);
        if (epochs) {
          const { standings } = judgeCharges(view.state.window, withoutAmounts(charges), clock());
          return { allowed: true, standings, epochs };
        }
        await look(account, view);
      }
      throw new Error('The limits are contended beyond reason.');
    },

    async settle(account, corrections) {
      const view = viewOf(account);
      for (let tries = 0; tries < MAXIMUM_TRIES; tries++) {
        const due = corrections.filter((correction) => isDue(view.state.window, correction));
        if (tries > 0 && due.length === 0) return;
        const update = due.length > 0 ? correctionUpdate(view.state.window, due) : undefined;
        if (update && (await conditionally(view, { Key: keyOf(account), ...update }))) return;
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

/** True while the charge that is to be corrected still counts. */
function isDue(window: RateWindow, { counter, epoch, difference }: Correction): boolean {
  const held = counterOf(window, counter);
  return held !== undefined && difference !== 0 && held.epoch - epoch < SPAN;
}

function correctionUpdate(
  window: RateWindow,
  corrections: readonly Correction[],
): Omit<UpdateCommandInput, 'TableName' | 'Key'> {
  const names: Record<string, string> = {};
  const values: Record<string, number> = {};
  const adds: string[] = [];
  const conditions: string[] = [];
  for (const [index, { counter, epoch, difference }] of corrections.entries()) {
    names[`#total${index}`] = counter;
    names[`#slot${index}`] = slotAttribute(counter, slotOf(epoch));
    names[`#epoch${index}`] = epochAttribute(counter);
    values[`:difference${index}`] = difference;
    values[`:epoch${index}`] = counterOf(window, counter)?.epoch ?? 0;
    adds.push(`#total${index} :difference${index}`, `#slot${index} :difference${index}`);
    conditions.push(`#epoch${index} = :epoch${index}`);
  }
  return {
    UpdateExpression: `ADD ${adds.join(', ')}`,
    ConditionExpression: conditions.join(' AND '),
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: values,
  };
}

function withoutAmounts(charges: readonly Charge[]): Charge[] {
  return charges.map((charge) => ({ ...charge, amount: 0 }));
}
