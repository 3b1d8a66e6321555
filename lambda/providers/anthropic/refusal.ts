import { isJsonObject, type JsonObject } from '../../core/json-body.ts';

/** What Anthropic says in words only, as the codes OpenAI has for it. */
const CODES: readonly [message: RegExp, code: string][] = [
  [
    /prompt is too long|exceeds? (?:the )?(?:model's )?(?:maximum )?context (?:limit|window)/i,
    'context_length_exceeded',
  ],
  [/credit balance is too low/i, 'insufficient_quota'],
  [
    /not supported|(?:does not|doesn't) support|not available (?:for|on|with) this model|deprecated for this model/i,
    'unsupported_parameter',
  ],
];

/**
 * An error of Anthropic's, `{type: 'error', error: {type, message}}`, in OpenAI's shape (Anthropic's page "Errors").
 * Anything else comes back as it is.
 */
export function openAiErrorOf(body: unknown): unknown {
  if (!isJsonObject(body) || !isJsonObject(body.error)) return body;
  const { type, message } = body.error;
  return { error: { message, type, code: codeOf(body.error), param: null } };
}

function codeOf({ type, message }: JsonObject): unknown {
  if (type === 'not_found_error') return 'model_not_found';
  const code = CODES.find(([words]) => typeof message === 'string' && words.test(message))?.[1];
  return code ?? type ?? null;
}
