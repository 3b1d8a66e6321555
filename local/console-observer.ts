import { GatewayError } from '../lambda/core/errors.ts';
import { dollarsText } from '../lambda/core/price.ts';
import type { Observer } from '../lambda/ports.ts';

/** One readable line a request, where a deployed gateway writes structured logs and metrics. */
export function consoleObserver(write: (line: string) => void): Observer {
  return {
    requestEnded({ route, status, latencyMs, event, error }) {
      const time = new Date().toISOString().slice(11, 19);
      const model = event?.model ? `  ${event.model} ${event.outcome} $${dollarsText(event.costMicroDollars)}` : '';
      const known = error instanceof GatewayError ? error.code : undefined;
      const code = (event?.errorCode ?? known) ? `  ${event?.errorCode ?? known}` : '';
      const side = event?.side ? `  ${event.side.kind} of ${event.side.of}` : '';
      write(`${time}  ${route}  ${status}  ${latencyMs} ms${model}${code}${side}`);
      if (status === 500 && error instanceof Error) write(error.stack ?? error.message);
    },
    // The line of the request says what is worth a line.
    providerCalled() {},
    circuitChanged(modelId, state) {
      write(
        `${modelId} ${state === 'open' ? 'does not answer: its circuit is open' : 'answers again: its circuit is closed'}`,
      );
    },
    providerKeyRefused(providerId) {
      write(`no call to ${providerId}: its key is missing or refused`);
    },
    settlementFailed(cause) {
      write(`settlement failed: ${cause instanceof Error ? cause.name : 'unknown error'}`);
    },
    reservationsReaped(count) {
      write(`money of ${count} calls that never ended was settled`);
    },
    storeFailed(cause) {
      write(`the store failed: ${cause instanceof Error ? cause.name : 'unknown error'}`);
    },
    usageNotStored(event, cause) {
      write(
        `usage event not stored (${cause instanceof Error ? cause.name : 'unknown error'}): ${JSON.stringify(event)}`,
      );
    },
  };
}
