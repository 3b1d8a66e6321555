import { setTimeout as pause } from 'node:timers/promises';
import {
  type DynamoDBDocumentClient,
  QueryCommand,
  UpdateCommand,
  type UpdateCommandInput,
} from '@aws-sdk/lib-dynamodb';
import {
  type Circuit,
  type CircuitPolicy,
  isProbeDue,
  mayRetry,
  NEW_CIRCUIT,
  shouldOpen,
  staleSeconds,
} from '../core/circuit.ts';
import type { Circuits, Clock } from '../ports.ts';
import { unlessConditionFails } from './conditional-write.ts';
import { SPENDING_KEY } from './spending-switch.ts';

/** What other processes found out is known here after this time. */
const BELIEVED_MS = 2_000;

/** A store that takes longer to say how circuits stand is not waited for. */
const LOOK_MS = 200;

/** Successes are told this often, and with every failure. */
const TOLD_EVERY_MS = 10_000;

/** A circuit that nobody has touched for a day is forgotten. */
const KEPT_SECONDS = 86_400;

const PARTITION = SPENDING_KEY.pk;

/**
 * The circuits of all models in the `traffic` table, one item a model at `pk = circuits`, `sk = <model id>`: one query reads
 * all of them. Calls are counted by second in attributes `f<second>` and `s<second>`, so counting is one ADD, whoever does
 * it; opening, probing and closing are conditional, so one process does each. `client` must not repeat a write.
 */
export function circuitsStore(
  client: DynamoDBDocumentClient,
  tableName: string,
  policy: CircuitPolicy,
  clock: Clock,
): Circuits {
  let known = new Map<string, Circuit>();
  let isStopped = false;
  let reading: Promise<void> | undefined;
  let readAtMs = Number.NEGATIVE_INFINITY;
  /** Successes that are not told yet, and when some were told last, by model. */
  const successes = new Map<string, number>();
  const toldAtMs = new Map<string, number>();

  async function readAll(): Promise<void> {
    const { Items = [] } = await client.send(
      new QueryCommand({
        TableName: tableName,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': PARTITION },
      }),
    );
    const ofModels = Items.filter(({ sk }) => sk !== SPENDING_KEY.sk);
    isStopped = ofModels.length < Items.length;
    known = new Map(ofModels.map((item) => [String(item.sk), circuitIn(item)]));
  }

  /** Sends an update; false when its condition did not hold. */
  async function update(modelId: string, input: Omit<UpdateCommandInput, 'TableName' | 'Key'>): Promise<boolean> {
    return unlessConditionFails(
      client
        .send(
          new UpdateCommand({
            TableName: tableName,
            Key: { pk: PARTITION, sk: modelId },
            ReturnValues: 'ALL_NEW',
            ...input,
          }),
        )
        .then(({ Attributes }) => known.set(modelId, circuitIn(Attributes ?? {}))),
    );
  }

  /** Counts calls, and drops the counts that no window needs. */
  async function count(modelId: string, failure: string | undefined): Promise<Circuit> {
    const now = clock();
    const second = Math.floor(now / 1_000);
    const successful = successes.get(modelId) ?? 0;
    successes.delete(modelId);
    toldAtMs.set(modelId, now);
    const circuit = known.get(modelId) ?? NEW_CIRCUIT;
    const stale = [
      ...staleSeconds(circuit.failures, now, policy).map((old) => `f${old}`),
      ...staleSeconds(circuit.successes, now, policy).map((old) => `s${old}`),
    ];
    try {
      const counts = failure === undefined ? successesOnly(second, successful) : withFailure(second, successful);
      await update(modelId, {
        UpdateExpression: [
          failure === undefined ? 'SET expiresAt = :e' : 'SET expiresAt = :e, lastError = :error, lastErrorAtMs = :now',
          `ADD ${counts.add}`,
          stale.length > 0 ? `REMOVE ${stale.join(', ')}` : '',
        ].join(' '),
        ExpressionAttributeValues: {
          ...counts.values,
          ':e': second + KEPT_SECONDS,
          ...(failure === undefined ? {} : { ':error': failure, ':now': now }),
        },
      });
    } catch (cause) {
      successes.set(modelId, (successes.get(modelId) ?? 0) + successful);
      throw cause;
    }
    return known.get(modelId) ?? NEW_CIRCUIT;
  }

  return {
    async look() {
      if (!reading && clock() - readAtMs >= BELIEVED_MS) {
        reading = readAll().finally(() => {
          readAtMs = clock();
          reading = undefined;
        });
      }
      // Without the store, what was known last is believed; nothing known means closed.
      if (reading) await Promise.race([reading.catch(() => {}), pause(LOOK_MS, undefined, { ref: false })]);
      return known;
    },

    isSpendingStopped: () => isStopped,

    async takeProbe(modelId) {
      const now = clock();
      if (!isProbeDue(known.get(modelId) ?? NEW_CIRCUIT, now)) return false;
      return update(modelId, {
        UpdateExpression: 'SET nextProbeAtMs = :next, probeUntilMs = :until',
        ConditionExpression:
          'attribute_exists(openedAtMs) AND nextProbeAtMs <= :now AND (attribute_not_exists(probeUntilMs) OR probeUntilMs <= :now)',
        ExpressionAttributeValues: {
          ':now': now,
          ':next': now + policy.probeEveryMs,
          ':until': now + policy.probeLeaseMs,
        },
      });
    },

    endProbe,

    async failed(modelId, error, isProbe) {
      const circuit = await count(modelId, error);
      if (isProbe) await endProbe(modelId);
      const now = clock();
      const isOpened = shouldOpen(circuit, now, policy) && (await open(modelId, now));
      return { mayRetry: mayRetry(circuit, now, policy), isOpened };
    },

    async succeeded(modelId, isProbe) {
      successes.set(modelId, (successes.get(modelId) ?? 0) + 1);
      const isClosed = isProbe && (await close(modelId, known.get(modelId) ?? NEW_CIRCUIT));
      const lastToldAtMs = toldAtMs.get(modelId) ?? clock();
      toldAtMs.set(modelId, lastToldAtMs);
      if (clock() - lastToldAtMs >= TOLD_EVERY_MS) await count(modelId, undefined);
      return { isClosed };
    },
  };

  function open(modelId: string, now: number): Promise<boolean> {
    return update(modelId, {
      UpdateExpression: 'SET openedAtMs = :now, changedAtMs = :now, nextProbeAtMs = :next REMOVE probeUntilMs',
      ConditionExpression: 'attribute_not_exists(openedAtMs)',
      ExpressionAttributeValues: { ':now': now, ':next': now + policy.probeEveryMs },
    });
  }

  async function endProbe(modelId: string): Promise<void> {
    await update(modelId, {
      UpdateExpression: 'REMOVE probeUntilMs',
      ConditionExpression: 'attribute_exists(probeUntilMs)',
    });
  }

  /** A closed circuit starts anew: the failures that opened it must not open it again. */
  function close(modelId: string, circuit: Circuit): Promise<boolean> {
    const counted = Object.keys(circuit.failures).map((second) => `f${second}`);
    return update(modelId, {
      UpdateExpression: `SET changedAtMs = :now REMOVE ${['openedAtMs', 'nextProbeAtMs', 'probeUntilMs', ...counted].join(', ')}`,
      ConditionExpression: 'attribute_exists(openedAtMs)',
      ExpressionAttributeValues: { ':now': clock() },
    });
  }
}

interface Counts {
  add: string;
  values: Record<string, number>;
}

function successesOnly(second: number, successful: number): Counts {
  return { add: `s${second} :successful`, values: { ':successful': successful } };
}

function withFailure(second: number, successful: number): Counts {
  if (successful === 0) return { add: `f${second} :one`, values: { ':one': 1 } };
  const { add, values } = successesOnly(second, successful);
  return { add: `f${second} :one, ${add}`, values: { ...values, ':one': 1 } };
}

function circuitIn(item: Record<string, unknown>): Circuit {
  const { openedAtMs, changedAtMs, nextProbeAtMs, probeUntilMs, lastError, lastErrorAtMs } = item;
  const fields = { openedAtMs, changedAtMs, nextProbeAtMs, probeUntilMs, lastError, lastErrorAtMs };
  return {
    failures: countsIn(item, 'f'),
    successes: countsIn(item, 's'),
    ...Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)),
  };
}

function countsIn(item: Record<string, unknown>, kind: 'f' | 's'): Record<number, number> {
  const pattern = new RegExp(`^${kind}\\d+$`);
  const entries = Object.entries(item).filter(([name]) => pattern.test(name));
  return Object.fromEntries(entries.map(([name, value]) => [Number(name.slice(1)), Number(value)]));
}
