import type { CacheDecision } from './cache-policy.ts';
import type { ChatRequest } from './chat-request.ts';
import { contentClass } from './content-class.ts';
import { type CacheScope, fingerprint } from './fingerprint.ts';
import { given } from './given.ts';
import { isJsonObject, type JsonObject } from './json-body.ts';
import type { SemanticMode } from './semantic/operating-points.ts';
import type { SemanticCaching } from './semantic/policy.ts';

/** What a request asks, for the semantic cache. */
export interface SemanticQuestion {
  mode: SemanticMode;
  /** The last turn of the user. */
  prompt: string;
  /** The SHA-256 of everything else: only entries with the same may serve it. */
  neighbourhood: string;
  /** Whose second looks count for it: those of the same account, under the same rule and mode. */
  group: string;
  /** Of what is served at most this share may be wrong; undefined where the mode decides. */
  largestWrongShare?: number;
}

/** In a longer conversation the last turn says little by itself. */
const MAXIMUM_USER_TURNS = 3;

/** Longer prompts hold more than one question, and would be most of the index. */
const MAXIMUM_CHARACTERS = 4_000;

/**
 * The question of a request whose answer may be kept; undefined where the semantic cache has no part: nobody asks for it, or it
 * has tools or results of tools, anything but text, a long conversation, or is personal or soon out of date, whatever a rule
 * says about keeping it.
 */
export function semanticQuestion(
  account: string,
  scope: CacheScope,
  modelId: string,
  request: ChatRequest,
  decision: CacheDecision | undefined,
  caching: SemanticCaching,
): SemanticQuestion | undefined {
  if (!decision?.isKept) return undefined;
  const mode = modeOf(request.options.cache?.isSemantic, decision.semantic, caching);
  if (mode === undefined || usesTools(request.body)) return undefined;
  const { messages } = request.body;
  const texts = messages.map(textOf);
  const last = messages.at(-1);
  const prompt = texts.at(-1);
  if (last?.role !== 'user' || !prompt?.trim() || prompt.length > MAXIMUM_CHARACTERS) return undefined;
  if (texts.includes(undefined) || messages.filter(({ role }) => role === 'user').length > MAXIMUM_USER_TURNS)
    return undefined;
  if (UNFIT.has(contentClass(prompt))) return undefined;
  const rest = {
    ...request,
    body: { ...request.body, messages: [...messages.slice(0, -1), { ...last, content: '' }] },
  };
  const largestWrongShare = decision.largestWrongShare ?? caching.checks?.largestWrongShare;
  return {
    mode,
    prompt,
    neighbourhood: fingerprint(scope, modelId, rest),
    group: JSON.stringify([account, scope.kind, decision.rule ?? null, mode]),
    ...given({ largestWrongShare }),
  };
}

const UNFIT = new Set(['secret', 'personal', 'live', 'volatile']);

/** The request decides before the rule, and the rule before the deployment. */
function modeOf(
  isAsked: boolean | undefined,
  ofRule: SemanticMode | 'never' | undefined,
  { isOn, isForAll, mode }: SemanticCaching,
): SemanticMode | undefined {
  if (!isOn || isAsked === false || ofRule === 'never') return undefined;
  if (ofRule !== undefined) return ofRule;
  return isAsked || isForAll ? mode : undefined;
}

function usesTools({ tools, functions, messages }: ChatRequest['body']): boolean {
  const offers = [tools, functions].some((list) => Array.isArray(list) && list.length > 0);
  const hasResults = ({ role, tool_calls: calls, function_call: call }: JsonObject) =>
    role === 'tool' || role === 'function' || Array.isArray(calls) || isJsonObject(call);
  return offers || messages.some(hasResults);
}

/** The text of a message; undefined for one that has anything else in it. */
function textOf({ content }: JsonObject): string | undefined {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return undefined;
  const texts = content.map((part) => (isJsonObject(part) && part.type === 'text' ? part.text : undefined));
  return texts.every((text) => typeof text === 'string') ? texts.join('\n') : undefined;
}
