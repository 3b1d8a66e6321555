import type { BudgetRules } from './budget.ts';
import { type ChatRequest, choicesOf, maxTokensOf } from './chat-request.ts';
import type { Model } from './configuration.ts';
import { isJsonObject, type JsonObject } from './json-body.ts';
import { costOf, type MicroDollars, type Price, tierFactor } from './price.ts';
import { estimatedUsage, serviceTierIn } from './usage.ts';

/** Tokens that formats put around each message; OpenAI documents 3, others a few more. */
const TOKENS_PER_MESSAGE = 16;

/** What providers put before a conversation by themselves: some open models get a hundred tokens of instructions. */
const TOKENS_BEFORE = 512;

/**
 * OpenAI bills at most 48,169 tokens for one image (gpt-4o-mini, high detail, 2048 x 768); no other provider of ours more.
 */
const TOKENS_PER_IMAGE = 48_169;

/**
 * Never less than what a provider counts as input. Every tokenizer in use works on bytes, so text has at most as many
 * tokens as UTF-8 bytes, and so has a file that is sent along. An image is billed by its size, at most the dearest there
 * is. What is only named (a file's id, a video's address) may fill the whole context.
 */
export function inputTokenBound(body: JsonObject & { messages: JsonObject[] }, contextWindowTokens: number): number {
  let attachments = 0;
  const messages = body.messages.map((message) => {
    if (!Array.isArray(message.content)) return message;
    const texts = message.content.filter(isText);
    for (const part of message.content) if (!isText(part)) attachments += attachmentBound(part, contextWindowTokens);
    return { ...message, content: texts };
  });
  const bytes = byteLength({ ...body, messages });
  return bytes + attachments + TOKENS_BEFORE + body.messages.length * TOKENS_PER_MESSAGE;
}

function isText(part: unknown): boolean {
  return isJsonObject(part) && (part.type === 'text' || part.type === 'refusal');
}

function attachmentBound(part: unknown, contextWindowTokens: number): number {
  if (!isJsonObject(part)) return byteLength(part);
  if (part.type === 'image_url') return TOKENS_PER_IMAGE;
  const payload = JSON.stringify(part).match(/"(?:data|file_data)":"([^"]{64,})"/)?.[1];
  return payload === undefined ? contextWindowTokens : Math.max(TOKENS_PER_IMAGE, byteLength(part));
}

function byteLength(value: unknown): number {
  return new TextEncoder().encode(JSON.stringify(value)).length;
}

/**
 * The most an answer can cost, micro-dollars: every input token at the dearest input price, every output token used. A
 * service tier that is asked for may make it dearer, and never cheaper: the provider may serve it the ordinary way.
 */
export function costBound(inputTokens: number, outputTokens: number, model: Model, factor = 1): MicroDollars {
  return Math.ceil(costOf(estimatedUsage(inputTokens, outputTokens), dearest(model.price)) * Math.max(1, factor)) + 1;
}

/** How long the answer to a request may be where money is limited, and the most it can then cost with a model. */
export function boundsOf(
  request: ChatRequest,
  model: Model,
  { defaultMaxOutputTokens }: Pick<BudgetRules, 'defaultMaxOutputTokens'>,
  inputTokens = inputTokenBound(request.body, model.contextWindowTokens),
): { maxTokens: number; mostCost: MicroDollars } {
  const maxTokens = maxTokensOf(request) ?? Math.min(defaultMaxOutputTokens, model.contextWindowTokens);
  const factor = tierFactor(serviceTierIn(request.body), model.price);
  return { maxTokens, mostCost: costBound(inputTokens, maxTokens * choicesOf(request), model, factor) };
}

/** The same for many models: the request is gone through once for each size of context, not for each model. */
export function mostCostOf(
  request: ChatRequest,
  rules: Pick<BudgetRules, 'defaultMaxOutputTokens'>,
): (model: Model) => MicroDollars {
  const inputTokens = new Map<number, number>();
  return (model) => {
    const { contextWindowTokens: size } = model;
    const known = inputTokens.get(size) ?? inputTokenBound(request.body, size);
    inputTokens.set(size, known);
    return boundsOf(request, model, rules, known).mostCost;
  };
}

/** The price with each kind of token as dear as the dearest of its side, in the dearest tier. */
function dearest(price: Price): Price {
  const rates = [price, ...(price.tiers ?? [])];
  const inputs = rates.flatMap((rate) => [
    rate.inputPerMillion,
    rate.cacheReadPerMillion ?? 0,
    rate.cacheWritePerMillion ?? 0,
    rate.cacheWrite1hPerMillion ?? 0,
    rate.audioInputPerMillion ?? 0,
  ]);
  const outputs = rates.flatMap((rate) => [rate.outputPerMillion, rate.audioOutputPerMillion ?? 0]);
  return {
    inputPerMillion: Math.max(...inputs),
    outputPerMillion: Math.max(...outputs),
    ...(price.perThousandRequests === undefined ? {} : { perThousandRequests: price.perThousandRequests }),
  };
}
