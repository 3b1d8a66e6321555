import { DeleteCommand, type DynamoDBDocumentClient, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { given } from '../core/given.ts';
import type { PersonalItem, PersonalItems, PersonalKind } from '../personal-items.ts';
import { unlessConditionFails } from './conditional-write.ts';
import { removeText } from './large-text.ts';
import { queryAll } from './query-all.ts';
import type { TableName } from './tables.ts';

/** Where each kind lies: in one partition an account, which begins with this word. */
const PLACES: Readonly<Record<PersonalKind, { table: TableName; word: string }>> = {
  jobs: { table: 'usage', word: 'jobs' },
  idempotentAnswers: { table: 'responses', word: 'idempotency' },
  conversations: { table: 'traffic', word: 'conversation' },
  scores: { table: 'traffic', word: 'feedback' },
};

/** What stands beside a personal item, for whoever asks what is held of an end user. */
export function whoseAttributes({ user, startedAtMs }: { user?: string | undefined; startedAtMs: number }) {
  return { startedAtMs, ...given({ user }) };
}

/** What is kept of an account's end users beside events and kept answers. */
export function personalItemsStore(
  client: DynamoDBDocumentClient,
  tableName: (table: TableName) => string,
): PersonalItems {
  const placeOf = (kind: PersonalKind, account: string) => ({
    tableName: tableName(PLACES[kind].table),
    pk: `${PLACES[kind].word}#${account}`,
  });

  return {
    async noteJob({ caller, requestId, request, startedAtMs, keptUntilMs }) {
      const { tableName: TableName, pk } = placeOf('jobs', caller.account);
      const expiresAt = Math.ceil(keptUntilMs / 1_000);
      const whose = whoseAttributes({ user: request.options.user, startedAtMs });
      await client.send(new PutCommand({ TableName, Item: { pk, sk: requestId, ...whose, expiresAt } }));
    },

    async *of(kind, account) {
      const { tableName: table, pk } = placeOf(kind, account);
      const query = {
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': pk },
        ProjectionExpression: 'sk, #user, startedAtMs, expiresAt, erasedBy',
        ExpressionAttributeNames: { '#user': 'user' },
        ConsistentRead: true,
      };
      for await (const item of queryAll(client, table, query)) {
        // Beside each answer there is who has its key: nothing of anybody.
        if (kind !== 'idempotentAnswers' || item.startedAtMs !== undefined) yield itemIn(item);
      }
    },

    async markErased(account, jobId, order) {
      const { tableName: TableName, pk } = placeOf('jobs', account);
      await unlessConditionFails(
        client.send(
          new UpdateCommand({
            TableName,
            Key: { pk, sk: jobId },
            UpdateExpression: 'REMOVE #user SET erasedBy = :order',
            ConditionExpression: 'attribute_exists(pk)',
            ExpressionAttributeNames: { '#user': 'user' },
            ExpressionAttributeValues: { ':order': order },
          }),
        ),
      );
    },

    async remove(kind, account, id) {
      const place = { ...placeOf(kind, account), sk: id };
      const { tableName: TableName, pk } = place;
      if (kind === 'idempotentAnswers') {
        // The key first: without it nobody can ask for the answer, and with the answer still there this is done again.
        const [keyHash = ''] = id.split('#');
        await unlessConditionFails(
          client.send(
            new DeleteCommand({
              TableName,
              Key: { pk, sk: keyHash },
              ConditionExpression: '#response = :place',
              ExpressionAttributeNames: { '#response': 'response' },
              ExpressionAttributeValues: { ':place': id },
            }),
          ),
        );
      }
      return removeText(client, place);
    },
  };
}

function itemIn({ sk, user, startedAtMs, expiresAt, erasedBy }: Record<string, unknown>): PersonalItem {
  return {
    id: String(sk),
    startedAtMs: Number(startedAtMs ?? 0),
    expiresAtMs: Number(expiresAt) * 1_000,
    ...given({ user: user as string | undefined, erasedBy: erasedBy as string | undefined }),
  };
}
