import { isJsonObject, type JsonObject } from '../core/json-body.ts';

/**
 * A refusal in any of the shapes that providers of OpenAI's format have for it, as OpenAI's own. Where a provider says
 * only in words what OpenAI has a code for, the code is filled in, so that the verdict needs to know no provider.
 *
 * - OpenAI, Azure, Groq, Together, Fireworks, DeepSeek: `{error: {message, type, code, param}}`
 * - Gemini: the same in a list, with a number as code and its name in `status`
 * - OpenRouter, Perplexity: a number as code
 * - xAI: `{code, error}`, both texts
 * - Mistral, Cerebras: `{message, type, code, param}`; Mistral's message may be a list of wrong fields
 * - Cohere, Bedrock: `{message}` or `{Message}`
 * - servers made with FastAPI: `{detail}`, a text or a list of wrong fields
 */
export function openAiRefusal(body: unknown): unknown {
  const refusal = Array.isArray(body) ? body[0] : body;
  if (!isJsonObject(refusal)) return undefined;
  const detail = isJsonObject(refusal.error) ? refusal.error : refusal;
  const { text, param } = wordsOf(detail);
  return {
    error: {
      message: text.replace(ACCOUNT_IDS, '[removed]'),
      type: firstText(detail.type, detail.status),
      code: meaningOf(text, detail) ?? firstText(detail.code),
      param: firstText(detail.param, param),
    },
  };
}

/** xAI names the team and the key in its refusals, by ids like these. */
const ACCOUNT_IDS = /\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi;

interface Words {
  text: string;
  /** The field they are about. */
  param?: string;
}

/** What a refusal says, wherever it says it. */
function wordsOf({ message, Message, detail, error }: JsonObject): Words {
  const said = [message, Message, detail, error].find((value) => value !== undefined && value !== null);
  if (typeof said === 'string') return { text: said };
  const fields = isJsonObject(said) ? said.detail : said;
  const wrong = Array.isArray(fields) ? fields.find(isJsonObject) : undefined;
  if (typeof wrong?.msg !== 'string') return { text: typeof fields === 'string' ? fields : '' };
  const path = Array.isArray(wrong.loc) ? wrong.loc.filter((step) => step !== 'body').join('.') : '';
  return path === '' ? { text: wrong.msg } : { text: `${wrong.msg} (${path})`, param: path };
}

/** How providers say it, and OpenAI's code for that. The first that fits counts. */
const MEANINGS: readonly [code: string, words: RegExp][] = [
  [
    'context_length_exceeded',
    /context.?(length|window)|maximum prompt length|(prompt|input).{0,40} too (long|large)|too many (input )?tokens|(input|prompt) token count|reduce the length|too large for model|longer than the model/i,
  ],
  [
    'content_filter',
    /content.?(management|moderation|filter|policy)|usage guidelines|responsible.?ai|content exists risk|(input|prompt|content).{0,20} flagged|requires moderation/i,
  ],
  [
    'invalid_api_key',
    /(incorrect|invalid|wrong|no) api.?(key|token)|api key (you provided )?(is )?(not valid|invalid)/i,
  ],
  [
    'model_not_found',
    /invalid model\b|not a valid model|model identifier is invalid|model .{0,80}(not found|does not exist)/i,
  ],
];

/** OpenAI's word for a request that breaks its rules, not for a model's filter: no other model is to be tried with it. */
const AGAINST_THE_RULES = 'content_policy_violation';

/** OpenAI's code for what a refusal means, where its own code is not already one. */
function meaningOf(text: string, { code, innererror }: JsonObject): string | undefined {
  if (code === AGAINST_THE_RULES) return undefined;
  const inner = isJsonObject(innererror) ? innererror.code : undefined;
  const words = [text, code, inner].filter((part) => typeof part === 'string').join(' ');
  return MEANINGS.find(([, pattern]) => pattern.test(words))?.[0];
}

function firstText(...values: unknown[]): string | null {
  return values.find((value): value is string => typeof value === 'string') ?? null;
}
