import type { Call, SemanticPair } from '../call.ts';
import { isJsonObject, type JsonObject } from '../core/json-body.ts';
import { saysItFits, secondLook } from '../core/semantic/second-look.ts';
import type { SecondLook } from '../second-looks.ts';
import { openAiChat } from '../wires/openai-chat.ts';
import type { ChatGateway } from './gateway.ts';
import { sideCall } from './side-call.ts';

/**
 * The second look of the semantic cache, once the answer is with its caller: now and then a model is asked whether the kept answer
 * that served, or nearly did, really fits. What it says decides about this pair from then on, and moves the threshold where a
 * largest share of wrong answers is stated. Never throws; whatever fails leaves things as they were.
 */
export function lookAgain(gateway: ChatGateway): (call: Call) => Promise<void> {
  const { semantic, configuration, observer } = gateway;
  const { checks } = configuration.caching.semantic;
  if (!semantic || !checks) return async () => {};
  // A process that lives for few questions makes its part of the looks all the same.
  let due = Math.random();
  return async (call) => {
    if (!call.semantic) return;
    due = Math.min(1 + checks.shareOfQuestions, due + checks.shareOfQuestions);
    const { pair } = call.semantic;
    if (!pair || due < 1 || call.outcome !== 'answered') return;
    due -= 1;
    try {
      const look = await ask(gateway, call, pair, checks.model);
      if (look) await semantic.secondLooks.add(pair.where, { ...pair, ...look, prompt: pair.asked });
    } catch (cause) {
      observer.storeFailed(cause);
    }
  };
}

/** A look takes no longer than this: a function is paid for while it waits. */
const LIMIT_MS = 15_000;

async function ask(
  gateway: ChatGateway,
  call: Call,
  pair: SemanticPair,
  model: string,
): Promise<SecondLook | undefined> {
  const { identity, caller } = call;
  if (!identity || !caller) return undefined;
  const { reused } = call;
  // What has served is at hand.
  const served = reused?.how === 'semantic' && 'storedAtMs' in reused.answer ? reused.answer : undefined;
  const kept = served ?? (await gateway.responseCache.find(identity.scope, pair.fingerprint));
  const keptAnswer = kept && contentOf(JSON.parse(kept.text));
  if (!kept || keptAnswer === undefined) return undefined;
  const request = openAiChat.parse(secondLook({ kept: pair.kept, keptAnswer, asked: pair.asked }), {});
  const said = await sideCall(gateway, call, {
    kind: 'second look',
    modelId: model,
    limitMs: LIMIT_MS,
    // The operator chose the model: no key needs leave to use it.
    caller: { ...caller, terms: { ...caller.terms, allowedModels: [] } },
    chat: { wire: openAiChat, request },
  });
  const text = said && contentOf(said.body);
  const fits = text === undefined ? undefined : saysItFits(text);
  return fits === undefined ? undefined : { fits, answerStoredAtMs: kept.storedAtMs };
}

function contentOf(completion: JsonObject): string | undefined {
  const choice = Array.isArray(completion.choices) ? completion.choices[0] : undefined;
  const message = isJsonObject(choice) ? choice.message : undefined;
  return isJsonObject(message) && typeof message.content === 'string' ? message.content : undefined;
}
