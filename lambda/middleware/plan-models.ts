import type { MiddlewareObj } from '@middy/core';
import type { CallContext } from '../call.ts';
import { planChain } from '../core/chain.ts';
import type { ChatRequest } from '../core/chat-request.ts';
import { type Circuit, circuitState, isProbeDue } from '../core/circuit.ts';
import { type Configuration, wantsKey } from '../core/configuration.ts';
import { conversationOf, isContinued } from '../core/conversation.ts';
import { GatewayError } from '../core/errors.ts';
import { mayUse } from '../core/terms.ts';
import type { HttpResponse } from '../http.ts';
import type { Circuits, Clock, Conversations, ProviderKeys } from '../ports.ts';

interface Planner {
  configuration: Configuration;
  circuits: Pick<Circuits, 'look'>;
  /** Undefined where every request stands alone. */
  conversations: Pick<Conversations, 'find'> | undefined;
  clock: Clock;
  /** Undefined where plans are not run: then every provider is taken to have a key. */
  providerKeys: ProviderKeys | undefined;
}

/**
 * Decides which models are tried, in which order. A request for a model that is not there, or not the caller's, is refused
 * only after it has counted for the limits a minute (`rateLimit`): nobody may ask for nothing without end.
 */
export function planModels(planner: Planner): MiddlewareObj<unknown, HttpResponse, Error, CallContext> {
  return {
    async before({ context: { call } }) {
      const { caller, chat } = call;
      if (!caller || !chat) throw new Error('authenticate and parseChat must run before planModels');
      const known = await planner.circuits.look();
      const keyless = await providersWithoutKey(planner);
      const previousModel = await previousModelOf(planner, caller.account, chat.request, known);
      const isDown = (modelId: string) => {
        const circuit = known.get(modelId);
        if (!circuit || circuitState(circuit, planner.clock()) === 'closed') return false;
        return !isProbeDue(circuit, planner.clock());
      };
      try {
        call.plan = planChain(chat.request, planner.configuration, {
          mayUse: (modelId) => mayUse(caller.terms, modelId),
          isDown,
          hasKey: (providerId) => !keyless.has(providerId),
          previousModel,
          random: Math.random,
        });
        call.chargedModel = call.plan.steps[0].modelId;
      } catch (refusal) {
        if (!(refusal instanceof GatewayError)) throw refusal;
        call.refusal ??= refusal;
      }
    },
  };
}

/** Providers that want a key and have none. A secret that cannot be read is no reason to leave anybody out. */
async function providersWithoutKey({ providerKeys, configuration }: Planner): Promise<ReadonlySet<string>> {
  if (!providerKeys) return new Set();
  const wanting = Object.entries(configuration.providers).filter(([, provider]) => wantsKey(provider));
  const found = await Promise.all(
    wanting.map(async ([id]) => ((await providerKeys.find(id).catch(() => '')) === undefined ? [id] : [])),
  );
  return new Set(found.flat());
}

/** As long as a conversation that was moved to another model is remembered. */
const REMEMBERED_MS = 3_600_000;

/**
 * The model that a conversation was moved to. Looked for only while some model has failed lately, so that it costs nothing
 * as long as all is well.
 */
async function previousModelOf(
  { conversations, clock }: Planner,
  account: string,
  request: ChatRequest,
  known: ReadonlyMap<string, Circuit>,
): Promise<string | undefined> {
  const failedSince = clock() - REMEMBERED_MS;
  const isTroubled = [...known.values()].some(({ lastErrorAtMs = 0 }) => lastErrorAtMs > failedSince);
  if (!conversations || !isTroubled || !isContinued(request)) return undefined;
  return conversations.find(account, conversationOf(request)).catch(() => undefined);
}
