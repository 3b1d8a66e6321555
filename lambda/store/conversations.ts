import { type DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { Conversations, ConversationTurn } from '../conversations.ts';
import type { Clock } from '../ports.ts';
import { whoseAttributes } from './personal-items.ts';

/** As long as providers keep a prompt in their cache at most: an hour (Anthropic's and OpenAI's longest). */
const KEPT_SECONDS = 3_600;

/** Conversations that were moved to another model, in the `traffic` table at `pk = conversation#<account>`, `sk = <hash>`. */
export function conversationsStore(client: DynamoDBDocumentClient, tableName: string, clock: Clock): Conversations {
  const keyOf = (account: string, conversation: string) => ({ pk: `conversation#${account}`, sk: conversation });
  const nowSeconds = () => Math.floor(clock() / 1_000);
  return {
    async find(account, conversation) {
      const { Item } = await client.send(new GetCommand({ TableName: tableName, Key: keyOf(account, conversation) }));
      return Item && Number(Item.expiresAt) > nowSeconds() ? String(Item.modelId) : undefined;
    },

    async keep(account, conversation, turn, whose) {
      const Item = {
        ...keyOf(account, conversation),
        ...turn,
        ...whoseAttributes(whose),
        expiresAt: nowSeconds() + KEPT_SECONDS,
      };
      const { Attributes: before } = await client.send(
        new PutCommand({ TableName: tableName, Item, ReturnValues: 'ALL_OLD' }),
      );
      return before && Number(before.expiresAt) > nowSeconds() ? (before as ConversationTurn) : undefined;
    },
  };
}
