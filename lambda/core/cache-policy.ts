import { type ChatRequest, choicesOf } from './chat-request.ts';
import { type ContentClass, contentClass } from './content-class.ts';
import { given } from './given.ts';
import { isJsonObject, type JsonObject } from './json-body.ts';
import { looksOutside } from './looks-outside.ts';
import type { SemanticMode } from './semantic/operating-points.ts';
import type { SemanticCaching } from './semantic/policy.ts';

/** How long an answer is kept. A week only where a rule says so. */
export type TtlClass = 'short' | 'medium' | 'long' | 'very long' | 'week';

const TTL_SECONDS: Readonly<Record<TtlClass, number>> = {
  short: 300,
  medium: 1_800,
  long: 3_600,
  'very long': 86_400,
  week: 604_800,
};

/** What decides for a request before the classifier is asked. All conditions that are given must hold. */
export interface CacheRule {
  name: string;
  model?: string;
  tag?: string;
  /** A word of the last question, whole and in any case; a phrase counts as one. */
  words?: readonly string[];
  ttl: TtlClass | 'never';
  /** Share these answers among all accounts, under this name: only for what is the same for everybody. */
  sharedAs?: string;
  /** Keep answers that call tools, too. */
  keepsToolCalls?: boolean;
  /** Above this temperature answers are not kept; the deployment's own limit without. */
  maximumTemperature?: number;
  /** How alike a question must be for an answer to serve it, too; `never` for the same question only. */
  semantic?: SemanticMode | 'never';
  /** Of what it serves for its likeness at most this share may be wrong; what `caching.semantic.checks` says without. */
  largestWrongShare?: number;
}

export interface Caching {
  isOn: boolean;
  /** Among whom answers are shared. */
  scope: 'account' | 'key' | 'user';
  maximumTemperature: number;
  rules: readonly CacheRule[];
  /** Answers for questions in other words. */
  semantic: SemanticCaching;
}

/** Whether an answer may be kept, for how long, and who said so. */
export type CacheDecision =
  | { isKept: false; reason: string }
  | {
      isKept: true;
      ttlSeconds: number;
      reason: string;
      keepsToolCalls: boolean;
      sharedAs?: string;
      /** The rule that decided, and what it says about questions in other words. */
      rule?: string;
      semantic?: SemanticMode | 'never';
      largestWrongShare?: number;
    };

const CLASS_TTL: Readonly<Record<ContentClass, TtlClass | 'never'>> = {
  secret: 'never',
  personal: 'never',
  live: 'never',
  volatile: 'short',
  chat: 'medium',
  knowledge: 'long',
  timeless: 'very long',
};

/** Rules first, in order; then what the prompt is about. What is secret or personal no rule can have kept. */
export function cacheDecision(
  request: ChatRequest,
  asked: { id: string; searches?: boolean | undefined },
  tags: readonly string[],
  caching: Caching,
): CacheDecision {
  if (asked.searches) return { isKept: false, reason: 'looks outside' };
  const { messages } = request.body;
  const said = messages.filter(isUser).map(textOfMessage);
  const about = contentClass(said.join('\n'));
  const overall = messages.every(isUser) ? about : contentClass(messages.map(textOfMessage).join('\n'));
  const never = reasonOfContent(request, about, overall);
  if (never !== undefined) return { isKept: false, reason: never };
  const rule = caching.rules.find((candidate) => fits(candidate, asked.id, tags, said.at(-1) ?? ''));
  const temperature = typeof request.body.temperature === 'number' ? request.body.temperature : PROVIDERS_TEMPERATURE;
  if (temperature > (rule?.maximumTemperature ?? caching.maximumTemperature)) {
    return { isKept: false, reason: 'temperature' };
  }
  const ttl = rule?.ttl ?? CLASS_TTL[about];
  const reason = rule ? `rule ${rule.name}` : `class ${about}`;
  if (ttl === 'never') return { isKept: false, reason };
  const { keepsToolCalls = false, sharedAs } = rule ?? {};
  // What everybody may get must hold nothing of anybody in any role.
  if (sharedAs !== undefined && (overall === 'personal' || messages.some(({ role }) => role === 'tool'))) {
    return { isKept: false, reason: 'not for everybody' };
  }
  const optional = given({
    sharedAs,
    rule: rule?.name,
    semantic: rule?.semantic,
    largestWrongShare: rule?.largestWrongShare,
  });
  return { isKept: true, ttlSeconds: TTL_SECONDS[ttl], reason, keepsToolCalls, ...optional };
}

/** Why a request is never kept, whatever a rule says; undefined when nothing in it speaks against that. */
function reasonOfContent(request: ChatRequest, about: ContentClass, overall: ContentClass): string | undefined {
  if (overall === 'secret') return 'class secret';
  if (about === 'personal') return 'class personal';
  return looksOutside(request) ? 'looks outside' : undefined;
}

/**
 * True when a judged completion may be kept: it has as many choices as were asked for, each came to its own end, and none
 * calls tools unless a rule keeps those. Some providers end a forced call with `stop`, so the message is looked at, too.
 */
export function isKeepable({ choices }: JsonObject, request: ChatRequest, keepsToolCalls: boolean): boolean {
  if (!Array.isArray(choices) || choices.length < choicesOf(request)) return false;
  return choices.every((choice) => {
    if (!isJsonObject(choice) || !isJsonObject(choice.message)) return false;
    const { tool_calls: calls, function_call: call } = choice.message;
    const isCall = (Array.isArray(calls) && calls.length > 0) || isJsonObject(call);
    const hasEnded = choice.finish_reason === 'stop' || choice.finish_reason === 'tool_calls';
    return hasEnded && (keepsToolCalls || (!isCall && choice.finish_reason === 'stop'));
  });
}

/** What a request without a temperature is sampled with, by most providers. */
const PROVIDERS_TEMPERATURE = 1;

/** Instructions are the operator's words; what is personal is in the caller's. */
function isUser({ role }: JsonObject): boolean {
  return role === 'user';
}

/** The texts of all parts, kept apart. */
function textOfMessage({ content }: JsonObject): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map((part) => (isJsonObject(part) && typeof part.text === 'string' ? part.text : '')).join('\n');
}

function fits(rule: CacheRule, modelId: string, tags: readonly string[], question: string): boolean {
  if (rule.model !== undefined && rule.model !== modelId) return false;
  if (rule.tag !== undefined && !tags.includes(rule.tag)) return false;
  return rule.words === undefined || rule.words.some((word) => hasWord(question, word));
}

function hasWord(text: string, word: string): boolean {
  const escaped = word.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`(?<![\\p{L}\\p{N}])${escaped}(?![\\p{L}\\p{N}])`, 'iu').test(text);
}
