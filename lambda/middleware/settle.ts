import type { MiddlewareObj } from '@middy/core';
import { costOfCall } from '../answer-headers.ts';
import type { Call, SettlingContext } from '../call.ts';
import type { Configuration } from '../core/configuration.ts';
import { toGatewayError } from '../core/errors.ts';
import { estimatedUsage } from '../core/usage.ts';
import { outcomeOf, type UsageEvent } from '../core/usage-event.ts';
import type { HttpResponse } from '../http.ts';
import type { Clock, Observer, UsageEvents } from '../ports.ts';

interface Ledger {
  usageEvents: UsageEvents;
  observer: Observer;
  clock: Clock;
  configuration: Configuration;
}

/**
 * Writes one usage event for each authenticated request, before its answer ends: here for whole answers and errors, by
 * the body itself (which calls `context.settle`) for streams. An answer is not withheld because its event could not be
 * stored; the event then goes to the log whole.
 */
export function settle(ledger: Ledger): MiddlewareObj<unknown, HttpResponse, Error, SettlingContext> {
  return {
    before({ context }) {
      let settled: Promise<void> | undefined;
      context.settle = () => {
        settled ??= record(ledger, context.call);
        return settled;
      };
    },

    async after({ context, response }) {
      if (typeof response?.body === 'string') await context.settle();
    },

    async onError({ context, error }) {
      const known = toGatewayError(error);
      context.call.outcome ??= outcomeOf(known);
      context.call.errorCode ??= known.code;
      await context.settle();
    },
  };
}

async function record({ usageEvents, observer, clock, configuration }: Ledger, call: Call): Promise<void> {
  const event = usageEvent(call, clock(), configuration.priceCatalogueVersion);
  if (!event) return;
  call.event = event;
  try {
    await usageEvents.record(event);
  } catch (cause) {
    observer.usageNotStored(event, cause);
  }
}

/** The event of this call, or undefined for one that nobody accepted. */
function usageEvent(call: Call, nowMs: number, priceCatalogueVersion: string): UsageEvent | undefined {
  const { caller, chat, step } = call;
  if (!caller || !chat) return undefined;
  const { user, tags } = chat.request.options;
  return {
    requestId: call.requestId,
    account: caller.account,
    keyId: caller.keyId,
    startedAtMs: call.startedAtMs,
    wire: chat.wire.name,
    stream: chat.request.stream,
    requestedModel: chat.request.model ?? null,
    outcome: call.outcome ?? 'failed',
    usage: call.usage ?? { ...estimatedUsage(0, 0), estimated: false },
    costMicroDollars: costOfCall(call),
    priceCatalogueVersion,
    attempts: call.attempts,
    latencyMs: nowMs - call.startedAtMs,
    ...(user === undefined ? {} : { user }),
    ...(tags === undefined ? {} : { tags }),
    ...(step === undefined ? {} : { model: step.modelId, provider: step.model.provider }),
    ...(call.errorCode === undefined ? {} : { errorCode: call.errorCode }),
    ...(call.finishReason === undefined ? {} : { finishReason: call.finishReason }),
    ...(call.firstContentAtMs === undefined ? {} : { timeToFirstTokenMs: call.firstContentAtMs - call.startedAtMs }),
  };
}
