import type { MiddlewareObj } from '@middy/core';
import { availabilityOf } from '../availability.ts';
import type { CallContext } from '../call.ts';
import type { Conversations } from '../conversations.ts';
import { planChain } from '../core/chain.ts';
import type { ChatRequest } from '../core/chat-request.ts';
import type { Circuit } from '../core/circuit.ts';
import { conversationOf, isContinued } from '../core/conversation.ts';
import { GatewayError } from '../core/errors.ts';
import { policyOf } from '../core/routing/policy.ts';
import type { HttpResponse } from '../http.ts';
import type { Circuits, Clock, ProviderKeys } from '../ports.ts';
import type { RoutePorts } from './route.ts';

interface Planner extends RoutePorts {
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
      const availability = await availabilityOf(planner, caller, known);
      const previousModel = await previousModelOf(planner, caller.account, chat.request, known);
      try {
        const policy = policyOf(chat.request.model, planner.configuration);
        if (policy !== undefined) {
          const { route } = await import('./route.ts');
          const { request } = chat;
          const asked = { request, requestId: call.requestId, caller, policy, previousModel };
          call.routing = await route(planner, asked, availability);
        }
        call.plan = planChain(chat.request, planner.configuration, {
          ...availability,
          previousModel: call.routing ? undefined : previousModel,
          chosen: call.routing,
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

/** As long as a conversation that was moved to another model is remembered. */
const REMEMBERED_MS = 3_600_000;

/**
 * The model that a conversation was moved to, or routed to. For a request that names its model it is looked for only while
 * some model has failed lately, so that it costs nothing as long as all is well.
 */
async function previousModelOf(
  { conversations, clock, configuration }: Planner,
  account: string,
  request: ChatRequest,
  known: ReadonlyMap<string, Circuit>,
): Promise<string | undefined> {
  const failedSince = clock() - REMEMBERED_MS;
  const isTroubled = [...known.values()].some(({ lastErrorAtMs = 0 }) => lastErrorAtMs > failedSince);
  const isRouted = policyOf(request.model, configuration) !== undefined;
  if (!conversations || !(isTroubled || isRouted) || !isContinued(request)) return undefined;
  return conversations.find(account, conversationOf(request)).catch(() => undefined);
}
