import type { Model } from './configuration.ts';
import { isJsonObject, type JsonObject } from './json-body.ts';
import { costOf, type MicroDollars, type Price } from './price.ts';
import { estimatedUsage } from './usage.ts';

/** Tokens that formats put around each message, and before the answer; OpenAI documents 3, others a few more. */
const TOKENS_PER_MESSAGE = 16;

/**
 * OpenAI bills at most 48,169 tokens for one image (gpt-4o-mini, high detail, 2048 x 768); no other provider of ours more.
 */
const TOKENS_PER_ATTACHMENT = 48_169;

/**
 * Never less than what a provider counts as input. Every tokenizer in use works on bytes, so text has at most as many
 * tokens as UTF-8 bytes. Attachments given as URLs or base64 are billed by size, not by length.
 */
export function inputTokenBound(body: JsonObject & { messages: JsonObject[] }): number {
  let attachments = 0;
  const counted = body.messages.map((message) => {
    if (!Array.isArray(message.content)) return message;
    const texts = message.content.filter((part) => isJsonObject(part) && typeof part.text === 'string');
    attachments += message.content.length - texts.length;
    return { ...message, content: texts };
  });
  const text = JSON.stringify([counted, body.tools, body.functions, body.response_format]);
  const bytes = new TextEncoder().encode(text).length;
  return bytes + attachments * TOKENS_PER_ATTACHMENT + (body.messages.length + 1) * TOKENS_PER_MESSAGE;
}

/** The most an answer can cost, micro-dollars: every input token at the dearest input price, every output token used. */
export function costBound(inputTokens: number, outputTokens: number, model: Model): MicroDollars {
  return Math.ceil(costOf(estimatedUsage(inputTokens, outputTokens), dearest(model.price))) + 1;
}

/** The price with each kind of token as dear as the dearest of its side, in the dearest tier. */
function dearest(price: Price): Price {
  const rates = [price, ...(price.tiers ?? [])];
  const inputs = rates.flatMap((rate) => [
    rate.inputPerMillion,
    rate.cacheReadPerMillion ?? 0,
    rate.cacheWritePerMillion ?? 0,
    rate.audioInputPerMillion ?? 0,
  ]);
  const outputs = rates.flatMap((rate) => [rate.outputPerMillion, rate.audioOutputPerMillion ?? 0]);
  return {
    inputPerMillion: Math.max(...inputs),
    outputPerMillion: Math.max(...outputs),
    ...(price.perThousandRequests === undefined ? {} : { perThousandRequests: price.perThousandRequests }),
  };
}
