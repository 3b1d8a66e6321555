import type { TaskClass } from './core/routing/task-class.ts';
import type { Whose } from './kept-answers.ts';

/** Who answered a conversation's last turn. */
export interface ConversationTurn {
  modelId: string;
  /** Of a routed turn that can be told from other people's: what was asked, as a hash, and of which class it was. */
  asked?: { hash: string; taskClass: TaskClass };
}

/** The model that answered a conversation last, when it was not the one asked for. */
export interface Conversations {
  find(account: string, conversation: string): Promise<string | undefined>;
  /** Keeps who answered its last turn; answers with what was kept of the one before, while that is remembered. */
  keep(
    account: string,
    conversation: string,
    turn: ConversationTurn,
    whose: Whose,
  ): Promise<ConversationTurn | undefined>;
}
