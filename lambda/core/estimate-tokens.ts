import { isJsonObject, type JsonObject } from './json-body.ts';

/** English runs at about four characters a token (OpenAI's rule of thumb). */
const CHARACTERS_PER_TOKEN = 4;

/** OpenAI counts three tokens around each message and three for the reply's start (cookbook, "how to count tokens"). */
const TOKENS_PER_MESSAGE = 3;

/** OpenAI's price of one high-detail 1024 x 1024 image; a middle value for files and audio we cannot look into. */
const TOKENS_PER_ATTACHMENT = 765;

/** Tokens of a text, for answers whose provider does not count. Rounded up; 0 only for the empty text. */
function estimateTextTokens(characters: number): number {
  return Math.ceil(characters / CHARACTERS_PER_TOKEN);
}

/**
 * Output tokens of an answer of so many characters, never fewer than the chunks it came in and never more than the caller
 * allowed: a provider that heeds a limit cannot bill beyond it.
 */
export function estimateOutputTokens(characters: number, chunks: number, most: number | undefined): number {
  return Math.min(Math.max(chunks, estimateTextTokens(characters)), most ?? Number.POSITIVE_INFINITY);
}

/** Input tokens of a request. Attachments count as images of middle size, not by the length of their base64. */
export function estimateInputTokens(body: JsonObject & { messages: JsonObject[] }): number {
  const parts = body.messages.flatMap(({ content }) => (Array.isArray(content) ? content : [{ text: content ?? '' }]));
  const texts = parts.map((part) =>
    isJsonObject(part) && part.type !== 'image_url' && typeof part.text === 'string' ? part.text : undefined,
  );
  const attachments = texts.filter((text) => text === undefined).length;
  const beside = [body.tools, body.response_format, ...body.messages.map((message) => message.tool_calls)];
  const characters =
    sum(texts.map((text) => text?.length ?? 0)) +
    sum(beside.map((value) => (value === undefined ? 0 : JSON.stringify(value).length)));
  const perMessage = (body.messages.length + 1) * TOKENS_PER_MESSAGE;
  return estimateTextTokens(characters) + attachments * TOKENS_PER_ATTACHMENT + perMessage;
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
