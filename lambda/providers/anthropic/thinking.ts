import { isJsonObject, type JsonObject } from '../../core/json-body.ts';
import type { Abilities } from './abilities.ts';

/** What a request says about thinking. Both parts undefined leave it to the model. */
export interface Thinking {
  thinking: JsonObject | undefined;
  effort: string | undefined;
}

const UNSAID: Thinking = { thinking: undefined, effort: undefined };

/** OpenAI's efforts in Anthropic's words; `none` is no effort but the wish not to think. */
const EFFORTS: ReadonlyMap<unknown, string> = new Map([
  ['minimal', 'low'],
  ['low', 'low'],
  ['medium', 'medium'],
  ['high', 'high'],
  ['xhigh', 'xhigh'],
  ['max', 'max'],
]);

/** The part of an answer that each effort may think, for generations that take a number of tokens. */
const SHARES: ReadonlyMap<unknown, number> = new Map([
  ['low', 0.2],
  ['medium', 0.5],
  ['high', 0.8],
  ['xhigh', 0.8],
  ['max', 0.8],
]);

/** Bounds of Anthropic's `budget_tokens` (its page "Extended thinking"): more than the most gains little. */
const LEAST_BUDGET = 1_024;
const MOST_BUDGET = 32_000;

/**
 * OpenAI's `reasoning_effort`, or Anthropic's own `thinking` where the caller sends it, as this generation takes it.
 * A forced tool call excludes thinking (Anthropic's page "Extended thinking"), and comes first.
 */
export function thinkingOf(body: JsonObject, abilities: Abilities, maxTokens: number, isForced: boolean): Thinking {
  const own = isJsonObject(body.thinking) ? body.thinking : undefined;
  const effort = typeof body.reasoning_effort === 'string' ? body.reasoning_effort : undefined;
  if (abilities.thinking === 'adaptive') return adaptive(own, effort, abilities, isForced);
  const isPossible = abilities.thinking === 'budget' && !isForced && mayThinkOn(body.messages);
  const budget = isPossible ? budgetFor(own, effort, maxTokens) : 0;
  if (!(budget >= LEAST_BUDGET)) return UNSAID;
  return { thinking: { type: 'enabled', budget_tokens: budget }, effort: undefined };
}

function adaptive(
  own: JsonObject | undefined,
  effort: string | undefined,
  { thinksUnasked, takesHighestEffort }: Abilities,
  isForced: boolean,
): Thinking {
  const known = EFFORTS.get(effort);
  const level = known === 'xhigh' && !takesHighestEffort ? 'high' : known;
  if (own?.type === 'disabled') return { thinking: own, effort: level };
  if (isForced) return { thinking: undefined, effort: level };
  // The newest generations cannot all be kept from thinking, but all take little effort.
  if (!own && effort === 'none') return { thinking: undefined, effort: thinksUnasked ? 'low' : undefined };
  if (!own && level === undefined) return UNSAID;
  // Without a summary a stream would be silent while the model thinks.
  return { thinking: { type: 'adaptive', display: own?.display ?? 'summarized' }, effort: level };
}

/** Tokens to think with: below the limit of the answer, which they are part of. 0 for none. */
function budgetFor(own: JsonObject | undefined, effort: string | undefined, maxTokens: number): number {
  if (own?.type === 'disabled') return 0;
  if (typeof own?.budget_tokens === 'number') return Math.floor(Math.min(own.budget_tokens, maxTokens - 1));
  const share = SHARES.get(EFFORTS.get(effort ?? (own ? 'medium' : 'none')));
  if (share === undefined || maxTokens < 2 * LEAST_BUDGET) return 0;
  return Math.min(Math.max(LEAST_BUDGET, Math.floor(maxTokens * share)), MOST_BUDGET);
}

/** Thinking cannot begin between a tool call that was made without it and the call's result. */
function mayThinkOn(messages: unknown): boolean {
  const last = Array.isArray(messages) ? messages.findLast((message) => message.role === 'assistant') : undefined;
  if (!isJsonObject(last) || !Array.isArray(last.tool_calls) || last.tool_calls.length === 0) return true;
  return Array.isArray(last.thinking_blocks) && last.thinking_blocks.length > 0;
}
