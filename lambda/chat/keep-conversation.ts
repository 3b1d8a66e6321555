import type { Call } from '../call.ts';
import type { Conversations, ConversationTurn } from '../conversations.ts';
import type { Step } from '../core/chain.ts';
import { conversationOf, turnOf } from '../core/conversation.ts';

/**
 * A conversation that was routed, or that another model has taken over, stays there. If that cannot be kept, the next turn is
 * planned anew. The same write tells whether the conversation's last turn is asked once more.
 */
export async function keepConversation(
  { conversations }: { conversations: Conversations },
  call: Call,
  { modelId }: Step,
): Promise<void> {
  const { caller, chat, plan, routing, startedAtMs } = call;
  if (!caller || !chat || !plan || (modelId === plan.asked && !routing)) return;
  const { request } = chat;
  const hash = routing?.record && turnOf(request);
  const asked = hash && routing?.record ? { hash, taskClass: routing.record.taskClass } : undefined;
  const turn: ConversationTurn = { modelId, ...(asked ? { asked } : {}) };
  const conversation = conversationOf(request);
  const whose = { user: request.options.user, startedAtMs };
  const before = await conversations.keep(caller.account, conversation, turn, whose).catch(() => undefined);
  if (asked && before?.asked?.hash === asked.hash) {
    call.askedAgain = { modelId: before.modelId, taskClass: before.asked.taskClass };
  }
}
