import { checkMessages } from '../chat-request.ts';
import type { InputKind } from '../configuration.ts';
import { invalidRequest } from '../errors.ts';
import { checkFields, type FieldChecks, flag, integerBetween, numberBetween, textUpTo } from '../field-checks.ts';
import { isJsonObject, type JsonObject } from '../json-body.ts';
import { needsOf, type RequestNeeds } from '../request-needs.ts';

/** A question for a suggestion, read. */
export interface SuggestRequest {
  messages: JsonObject[];
  policy: string;
  needs: RequestNeeds;
  region?: string;
  maxCostPer1MTokens?: number;
}

const CHECKS: FieldChecks = {
  prompt: textUpTo(4_000_000),
  maxCostPer1MTokens: numberBetween(0, 1_000_000),
  policy: textUpTo(256),
};
const FIELDS = [...Object.keys(CHECKS), 'messages', 'needs'];

const INPUT_KINDS: readonly InputKind[] = ['text', 'image', 'audio', 'file'];

const NEED_CHECKS: FieldChecks = {
  tools: flag,
  jsonSchema: flag,
  contextTokens: integerBetween(1, 100_000_000),
  region: textUpTo(64),
  inputs: (value) =>
    Array.isArray(value) && value.every((kind) => INPUT_KINDS.includes(kind))
      ? undefined
      : `must be a list of ${INPUT_KINDS.join(', ')}`,
};

/** Reads the body of POST /v2/route-suggest; throws a 400 that names the first field which makes no sense. */
export function parseSuggestRequest(
  body: JsonObject,
  { policies, defaultPolicy }: { policies: Readonly<Record<string, unknown>>; defaultPolicy: string },
): SuggestRequest {
  const unknown = Object.keys(body).find((field) => !FIELDS.includes(field));
  if (unknown !== undefined) throw invalidRequest('body', `The body has a field that is none of ${FIELDS.join(', ')}.`);
  checkFields(body, CHECKS);
  const messages = messagesIn(body);
  const policy = typeof body.policy === 'string' ? body.policy : defaultPolicy;
  if (!Object.hasOwn(policies, policy)) {
    throw invalidRequest('policy', `"policy" must be one of ${Object.keys(policies).join(', ')}.`);
  }
  const { maxCostPer1MTokens } = body;
  return {
    messages,
    policy,
    ...needsIn(body.needs, messages),
    ...(typeof maxCostPer1MTokens === 'number' ? { maxCostPer1MTokens } : {}),
  };
}

function messagesIn({ prompt, messages }: JsonObject): JsonObject[] {
  const hasPrompt = prompt !== undefined && prompt !== null;
  const hasMessages = messages !== undefined && messages !== null;
  if (hasPrompt === hasMessages) throw invalidRequest('prompt', 'Send either "prompt" or "messages".');
  if (hasPrompt) return [{ role: 'user', content: prompt }];
  checkMessages(messages);
  if (!messages.some(({ role }) => role === 'user')) {
    throw invalidRequest('messages', '"messages" must have a message of the user: it says what the task is.');
  }
  return messages;
}

/** What the messages need by themselves, and what the caller adds. */
function needsIn(said: unknown, messages: JsonObject[]): Pick<SuggestRequest, 'needs' | 'region'> {
  if (said !== undefined && said !== null && !isJsonObject(said))
    throw invalidRequest('needs', '"needs" must be an object.');
  const wanted: JsonObject = isJsonObject(said) ? said : {};
  const unknown = Object.keys(wanted).find((field) => !Object.hasOwn(NEED_CHECKS, field));
  if (unknown !== undefined) {
    throw invalidRequest('needs', `"needs" has a field that is none of ${Object.keys(NEED_CHECKS).join(', ')}.`);
  }
  checkFields(wanted, NEED_CHECKS);
  const own = needsOf({ body: { messages } });
  return {
    needs: {
      inputs: new Set([...own.inputs, ...((wanted.inputs as InputKind[] | undefined) ?? [])]),
      tools: wanted.tools === true,
      jsonSchema: wanted.jsonSchema === true,
      inputTokens: Math.max(own.inputTokens, typeof wanted.contextTokens === 'number' ? wanted.contextTokens : 0),
    },
    ...(typeof wanted.region === 'string' ? { region: wanted.region } : {}),
  };
}
