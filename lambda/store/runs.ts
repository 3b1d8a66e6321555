import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { type DynamoDBDocumentClient, GetCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Clock } from '../ports.ts';
import type { CallProgress, StoredResult, StoredRun } from '../workflow/run.ts';
import type { RunOutput, RunPosition, Runs } from '../workflow/run-ports.ts';
import { unlessConditionFails } from './conditional-write.ts';
import { getText, putText } from './large-text.ts';

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
  const placeOf = (account: string, requestId: string, sk: string) => ({
    tableName,
    pk: `run#${account}#${requestId}`,
    sk,
  });
  const visitKey = ({ account, requestId, visit }: RunPosition) => ({
    pk: `run#${account}#${requestId}`,
    sk: `visit#${String(visit).padStart(4, '0')}`,
  });

  async function read(account: string, requestId: string, sk: string): Promise<Record<string, unknown> | undefined> {
    const { pk } = placeOf(account, requestId, sk);
    const { Item } = await client.send(new GetCommand({ TableName: tableName, Key: { pk, sk }, ConsistentRead: true }));
    return Item;
  }

  async function lastVisit(account: string, requestId: string): Promise<VisitItem | undefined> {
    const { Items = [] } = await client.send(
      new QueryCommand({
        TableName: tableName,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :visit)',
        FilterExpression: 'attribute_exists(progress)',
        ExpressionAttributeValues: { ':pk': placeOf(account, requestId, '').pk, ':visit': 'visit#' },
        ScanIndexForward: false,
        ConsistentRead: true,
      }),
    );
    return Items[0] as VisitItem | undefined;
  }

  /** Takes a step that nobody has, or whose lease has ended. */
  function take(position: RunPosition, owner: string, leaseMs: number, expiresAt: number): Promise<boolean> {
    return unlessConditionFails(
      client.send(
        new UpdateCommand({
          TableName: tableName,
          Key: visitKey(position),
          UpdateExpression: 'SET #owner = :owner, leaseUntilMs = :until, expiresAt = :expiresAt',
          ConditionExpression:
            'attribute_not_exists(#output) AND (attribute_not_exists(leaseUntilMs) OR leaseUntilMs <= :now)',
          ExpressionAttributeNames: { '#owner': 'owner', '#output': 'output' },
          ExpressionAttributeValues: {
            ':owner': owner,
            ':until': clock() + leaseMs,
            ':now': clock(),
            ':expiresAt': expiresAt,
          },
        }),
      ),
    );
  }

  async function progressAt(account: string, requestId: string): Promise<CallProgress | undefined> {
    const visit = await lastVisit(account, requestId);
    if (visit?.progress) return visit.progress;
    return (await read(account, requestId, 'run'))?.progress as CallProgress | undefined;
  }

  return {
    async put(run, progress, keptUntilMs) {
      const { account } = run.caller;
      const expiresAt = Math.ceil(keptUntilMs / 1_000);
      await putText(client, placeOf(account, run.requestId, 'run'), JSON.stringify(run), { progress }, expiresAt);
    },

    async find(account, requestId) {
      const text = await getText(client, placeOf(account, requestId, 'run'));
      return text === undefined ? undefined : (JSON.parse(text) as StoredRun);
    },

    async claim(position, leaseMs) {
      const { account, requestId } = position;
      const owner = randomUUID();
      const run = await read(account, requestId, 'run');
      if (!run) throw new Error('There is no such run, or it has expired.');
      while (!(await take(position, owner, leaseMs, Number(run.expiresAt)))) {
        const visit = (await read(account, requestId, visitKey(position).sk)) as VisitItem | undefined;
        if (visit?.output) return { output: visit.output };
        await pause(LOOK_EVERY_MS);
      }
      return { owner, progress: (await progressAt(account, requestId)) as CallProgress };
    },

    async finish(position, owner, output, progress) {
      await unlessConditionFails(
        client.send(
          new UpdateCommand({
            TableName: tableName,
            Key: visitKey(position),
            UpdateExpression: 'SET #output = :output, progress = :progress',
            ConditionExpression: '#owner = :owner',
            ExpressionAttributeNames: { '#owner': 'owner', '#output': 'output' },
            ExpressionAttributeValues: { ':owner': owner, ':output': output, ':progress': progress },
          }),
        ),
      );
    },

    async giveUp(position, owner) {
      await unlessConditionFails(
        client.send(
          new UpdateCommand({
            TableName: tableName,
            Key: visitKey(position),
            UpdateExpression: 'SET leaseUntilMs = :now',
            ConditionExpression: '#owner = :owner',
            ExpressionAttributeNames: { '#owner': 'owner' },
            ExpressionAttributeValues: { ':owner': owner, ':now': clock() },
          }),
        ),
      );
    },

    async putResult(account, requestId, result) {
      const run = await read(account, requestId, 'run');
      const place = placeOf(account, requestId, 'result');
      return putText(client, place, JSON.stringify(result), {}, Number(run?.expiresAt ?? 0));
    },

    async result(account, requestId) {
      const text = await getText(client, placeOf(account, requestId, 'result'));
      return text === undefined ? undefined : (JSON.parse(text) as StoredResult);
    },

    progress: progressAt,
  };
}
