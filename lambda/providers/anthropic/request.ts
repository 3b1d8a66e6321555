import type { Step } from '../../core/chain.ts';
import type { ChatRequest } from '../../core/chat-request.ts';
import type { Model } from '../../core/configuration.ts';
import { isJsonObject, type JsonObject } from '../../core/json-body.ts';
import { abilitiesOf } from './abilities.ts';
import { conversationOf } from './conversation.ts';
import { refuseWhatIsLacking } from './lacking.ts';
import { outputFormatOf } from './output-format.ts';
import { thinkingOf } from './thinking.ts';
import { toolsOfThePast, toolUseOf } from './tools.ts';

/** Anthropic demands a limit. Every model can write this much. */
const DEFAULT_MAX_TOKENS = 4_096;

/** As much of `user_id` as Anthropic takes. */
const MAXIMUM_USER_LENGTH = 256;

/**
 * The body of `POST /messages` for an OpenAI request (Anthropic API reference, Messages). Of Anthropic's own fields it
 * takes `thinking`, `top_k` and `cache_control`. Throws a failure of class `model` for what Anthropic cannot give.
 */
export function messagesRequest(request: ChatRequest, { model }: Step): JsonObject {
  const { body } = request;
  refuseWhatIsLacking(body);
  const abilities = abilitiesOf(model.upstreamName);
  const maxTokens = maxTokensFor(request, model);
  const offered = toolUseOf(body, abilities);
  const { thinking, effort } = thinkingOf(body, abilities, maxTokens, offered.isForced);
  const isThinking = thinking ? thinking.type !== 'disabled' : abilities.thinksUnasked;
  const { system, turns } = conversationOf(body.messages, isThinking);
  const { format, instruction } = outputFormatOf(body.response_format, abilities);
  const { tools, choice } = offered.tools ? offered : toolsOfThePast(turns);
  const instructions = instruction ? [...system, instruction] : system;
  return withoutUndefined({
    model: model.upstreamName,
    max_tokens: maxTokens,
    system: instructions.length > 0 ? instructions : undefined,
    messages: turns,
    tools,
    tool_choice: choice,
    thinking,
    output_config: format || effort ? withoutUndefined({ effort, format }) : undefined,
    ...(abilities.takesSampling && !isThinking ? sampling(body) : {}),
    stop_sequences: stopSequences(body.stop),
    metadata: metadata(body),
    service_tier: serviceTier(body.service_tier),
    cache_control: isJsonObject(body.cache_control) ? body.cache_control : undefined,
    stream: request.stream ? true : undefined,
  });
}

function maxTokensFor({ body, maxTokens }: ChatRequest, model: Model): number {
  const said = maxTokens ?? body.max_completion_tokens ?? body.max_tokens;
  return typeof said === 'number' ? said : (model.defaultMaxOutputTokens ?? DEFAULT_MAX_TOKENS);
}

/** OpenAI's temperature goes up to 2, Anthropic's to 1. Models take it or `top_p`, not both. */
function sampling({ temperature, top_p: topP, top_k: topK }: JsonObject): JsonObject {
  const isTemperature = typeof temperature === 'number';
  return {
    temperature: isTemperature ? Math.min(temperature, 1) : undefined,
    top_p: !isTemperature && typeof topP === 'number' ? topP : undefined,
    top_k: typeof topK === 'number' ? topK : undefined,
  };
}

/** Anthropic refuses sequences of white space alone. */
function stopSequences(stop: unknown): string[] | undefined {
  const list = (Array.isArray(stop) ? stop : [stop]).filter((one) => typeof one === 'string' && one.trim() !== '');
  return list.length > 0 ? list : undefined;
}

function metadata({ user, safety_identifier: identifier }: JsonObject): JsonObject | undefined {
  const id = [user, identifier].find((value) => typeof value === 'string' && value !== '');
  return typeof id === 'string' ? { user_id: id.slice(0, MAXIMUM_USER_LENGTH) } : undefined;
}

/** Both take `auto` as what they do unasked. OpenAI's `flex` and `priority` have no counterpart. */
function serviceTier(tier: unknown): string | undefined {
  return tier === 'default' || tier === 'standard_only' ? 'standard_only' : undefined;
}

function withoutUndefined(fields: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
