import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { type DynamoDBDocumentClient, GetCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Clock } from '../ports.ts';
import type { CallProgress, StoredResult, StoredRun } from '../workflow/run.ts';
import type { RunOutput, RunPosition, Runs } from '../workflow/run-ports.ts';
import { unlessConditionFails } from './conditional-write.ts';
import { getText, putText, removeText } from './large-text.ts';
import { queryAll } from './query-all.ts';

/** How often a process looks whether the one that has a step has finished it. */
const LOOK_EVERY_MS = 500;

interface VisitItem {
  owner: string;
  leaseUntilMs: number;
  output?: RunOutput;
  progress?: CallProgress;
}

/**
 * Runs in one table, each at `pk = run#<account>#<request id>`: the request at `sk = run`, one item a step at
 * `sk = visit#<number>`, the result at `sk = result`. A step is taken by a conditional write with a lease, so that a
 * delivery that comes twice, or late, makes no second call while the first may still be answered.
 */
export function runsStore(client: DynamoDBDocumentClient, tableName: string, clock: Clock): Runs {
  const partition = (account: string, requestId: string) => `run#${account}#${requestId}`;
  const placeOf = (account: string, requestId: string, sk: string) => ({
    tableName,
    pk: partition(account, requestId),
    sk,
  });
  const visitKey = ({ account, requestId }: Pick<RunPosition, 'account' | 'requestId'>, visit: number) => ({
    pk: partition(account, requestId),
    sk: `visit#${String(visit).padStart(5, '0')}`,
  });

  async function visitAt(key: { pk: string; sk: string }): Promise<VisitItem | undefined> {
    const { Item } = await client.send(new GetCommand({ TableName: tableName, Key: key, ConsistentRead: true }));
    return Item as VisitItem | undefined;
  }

  /** Takes a step that nobody has, or whose lease has ended. */
  function take(
    key: { pk: string; sk: string },
    owner: string,
    leaseMs: number,
    keptUntilMs: number,
  ): Promise<boolean> {
    return unlessConditionFails(
      client.send(
        new UpdateCommand({
          TableName: tableName,
          Key: key,
          UpdateExpression: 'SET #owner = :owner, leaseUntilMs = :until, expiresAt = :expiresAt',
          ConditionExpression:
            'attribute_not_exists(#output) AND (attribute_not_exists(leaseUntilMs) OR leaseUntilMs <= :now)',
          ExpressionAttributeNames: { '#owner': 'owner', '#output': 'output' },
          ExpressionAttributeValues: {
            ':owner': owner,
            ':until': clock() + leaseMs,
            ':now': clock(),
            ':expiresAt': Math.ceil(keptUntilMs / 1_000),
          },
        }),
      ),
    );
  }

  /** Changes a step that this process has; nothing when it has it no longer. */
  async function change(position: RunPosition, owner: string, expression: string, values: Record<string, unknown>) {
    await unlessConditionFails(
      client.send(
        new UpdateCommand({
          TableName: tableName,
          Key: visitKey(position, position.visit),
          UpdateExpression: expression,
          ConditionExpression: '#owner = :owner',
          ExpressionAttributeNames: { '#owner': 'owner', ...(expression.includes('#output') ? OUTPUT : {}) },
          ExpressionAttributeValues: { ':owner': owner, ...values },
        }),
      ),
    );
  }

  return {
    async put(run) {
      const place = placeOf(run.caller.account, run.requestId, 'run');
      await putText(client, place, JSON.stringify(run), Math.ceil(run.keptUntilMs / 1_000));
    },

    async find(account, requestId) {
      const text = await getText(client, placeOf(account, requestId, 'run'), clock());
      return text === undefined ? undefined : (JSON.parse(text) as StoredRun);
    },

    async claim(run, position, leaseMs) {
      const owner = randomUUID();
      const key = visitKey(position, position.visit);
      while (!(await take(key, owner, leaseMs, run.keptUntilMs))) {
        const held = await visitAt(key);
        if (held?.output) return { output: held.output };
        // The answer to our own write was lost, and the client wrote again.
        if (held?.owner === owner) break;
        await pause(LOOK_EVERY_MS);
      }
      const before = position.visit === 0 ? undefined : await visitAt(visitKey(position, position.visit - 1));
      return { owner, progress: before?.progress ?? run.progress };
    },

    async finish(position, owner, output, progress) {
      const values = { ':output': output, ':progress': progress };
      await change(position, owner, 'SET #output = :output, progress = :progress', values);
    },

    async giveUp(position, owner) {
      await change(position, owner, 'SET leaseUntilMs = :now', { ':now': clock() });
    },

    async putResult({ caller, requestId, keptUntilMs }, result) {
      const place = placeOf(caller.account, requestId, 'result');
      return putText(client, place, JSON.stringify(result), Math.ceil(keptUntilMs / 1_000));
    },

    async result(account, requestId) {
      const text = await getText(client, placeOf(account, requestId, 'result'), clock());
      return text === undefined ? undefined : (JSON.parse(text) as StoredResult);
    },

    async progress(account, requestId) {
      const { Items = [] } = await client.send(
        new QueryCommand({
          TableName: tableName,
          KeyConditionExpression: 'pk = :pk AND begins_with(sk, :visit)',
          ExpressionAttributeValues: { ':pk': partition(account, requestId), ':visit': 'visit#' },
          ScanIndexForward: false,
          // The newest may be under way; the one before it has ended.
          Limit: 2,
          ConsistentRead: true,
        }),
      );
      return (Items as VisitItem[]).find(({ progress }) => progress !== undefined)?.progress;
    },

    async remove(account, requestId) {
      const pk = partition(account, requestId);
      const query = {
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': pk },
        ProjectionExpression: 'sk',
        ConsistentRead: true,
      };
      let removed = 0;
      for await (const { sk } of queryAll(client, tableName, query)) {
        await removeText(client, { tableName, pk, sk: String(sk) });
        removed += 1;
      }
      return removed > 0;
    },

    async isBegun(account, requestId) {
      return (await visitAt(visitKey({ account, requestId }, 0))) !== undefined;
    },
  };
}

const OUTPUT = { '#output': 'output' };
