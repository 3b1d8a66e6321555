import { invalidRequest } from './errors.ts';
import { isJsonObject, type JsonObject } from './json-body.ts';

/** What a caller asked for, independent of the wire it came over. */
export interface ChatRequest {
  /** As the caller wrote it; undefined means "the configured default". */
  model: string | undefined;
  stream: boolean;
  /** The caller's `stream_options`; `include_usage` says whether the stream ends with token usage. */
  streamOptions: JsonObject;
  /** The OpenAI-shaped body for a provider, without `model`, `stream` and `stream_options`. */
  body: JsonObject & { messages: JsonObject[] };
  /** Most tokens a choice may have; each provider has its own name for it. Undefined when the body itself says it. */
  maxTokens: number | undefined;
  options: RequestOptions;
}

/** What a caller may set by header on any chat route, and in the body of /v2/chat. */
export interface RequestOptions {
  /** How many gateways the request will have passed when it reaches the provider. */
  hops?: number;
  timeoutMs?: number;
  /** What the caller wants of the response cache; its default without. */
  cache?: CacheWish;
  /** The stream is sent once it is known to be whole, so that a fallback can take over until its end. */
  isHeld?: boolean;
  fallbacks?: readonly string[];
  /** False where the caller wants no other model asked the same. */
  isShadowed?: boolean;
  user?: string;
  tags?: readonly string[];
  /** Dollars per million tokens that input and output price must both stay within. */
  maxCostPer1MTokens?: number;
}

/** What a request says about the response cache. */
export interface CacheWish {
  /** A kept answer will do. */
  mayRead: boolean;
  /** The answer may be kept. */
  mayKeep: boolean;
  /** How long to keep it, in place of what the rules say. */
  ttlSeconds?: number;
  /** The answer to a question in other words will do, or will not; what the deployment says without. */
  isSemantic?: boolean;
  /** A kept answer must not be older. */
  maximumAgeSeconds?: number;
}

/** True for a kept answer that is no older than the caller wants it; times are epoch milliseconds. */
export function isYoungEnough(
  { storedAtMs }: { storedAtMs: number },
  wish: CacheWish | undefined,
  nowMs: number,
): boolean {
  const { maximumAgeSeconds = Number.POSITIVE_INFINITY } = wish ?? {};
  return storedAtMs >= nowMs - maximumAgeSeconds * 1_000;
}

/** The most tokens each choice may have, if the caller said so in any way. */
export function maxTokensOf({ body, maxTokens }: ChatRequest): number | undefined {
  if (maxTokens !== undefined) return maxTokens;
  // A provider may heed either field, so the larger one counts.
  const said = [body.max_completion_tokens, body.max_tokens].filter((value) => typeof value === 'number');
  return said.length > 0 ? Math.max(...said) : undefined;
}

/** How many choices the caller asks for. */
export function choicesOf({ body }: ChatRequest): number {
  return typeof body.n === 'number' ? body.n : 1;
}

/** The most tokens of all choices together, if the caller said so in any way. */
export function outputLimitOf(request: ChatRequest): number | undefined {
  const each = maxTokensOf(request);
  return each === undefined ? undefined : each * choicesOf(request);
}

/** True when a stop sequence may end an answer before its first word. */
export function mayBeEmpty({ body }: ChatRequest): boolean {
  return body.stop !== undefined && body.stop !== null;
}

/** OpenAI takes 2,048 messages a request. */
const MAXIMUM_MESSAGES = 2048;

const ROLES = new Set(['system', 'developer', 'user', 'assistant', 'tool', 'function']);

/** Throws a 400 unless `messages` is a list a chat model could answer. Parts and unknown fields pass untouched. */
export function checkMessages(messages: unknown): asserts messages is JsonObject[] {
  if (!Array.isArray(messages) || messages.length === 0) {
    throw invalidRequest('messages', '"messages" must be a list with at least one message.');
  }
  if (messages.length > MAXIMUM_MESSAGES) {
    throw invalidRequest(
      'messages',
      `"messages" may hold at most ${MAXIMUM_MESSAGES} messages. Shorten the conversation.`,
    );
  }
  messages.forEach(checkMessage);
}

function checkMessage(message: unknown, index: number): void {
  const field = `messages[${index}]`;
  if (!isJsonObject(message)) throw invalidRequest(field, `"${field}" must be an object with "role" and "content".`);
  if (typeof message.role !== 'string' || !ROLES.has(message.role)) {
    throw invalidRequest(`${field}.role`, `"${field}.role" must be one of ${[...ROLES].join(', ')}.`);
  }
  const { content } = message;
  if (content === undefined || content === null) {
    if (message.role === 'assistant' || message.role === 'function') return;
    throw invalidRequest(`${field}.content`, `"${field}.content" is missing. Only an assistant's message may lack it.`);
  }
  if (typeof content === 'string') return;
  if (Array.isArray(content) && content.every((part) => isJsonObject(part) && typeof part.type === 'string')) return;
  throw invalidRequest(
    `${field}.content`,
    `"${field}.content" must be a string or a list of parts, each with a "type".`,
  );
}
