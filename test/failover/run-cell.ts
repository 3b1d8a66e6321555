import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { UsageEvent } from '../../lambda/core/usage-event.ts';
import { type GatewayUnderTest, startGatewayUnderTest } from '../api/gateway-under-test.ts';
import { errorOf, textOf } from './answers.ts';
import { ask, type Received } from './caller.ts';
import type { Cell, Fault } from './fault.ts';
import { type FaultProvider, type Play, startFaultProvider } from './fault-provider.ts';
import { JSON_HEADERS, type ProviderCall } from './fault-wire.ts';
import { environmentOf, type ModelPair, newModels, overridesOf, type Profile } from './profiles.ts';

/** What one request met, from every side. */
export interface Observation {
  /** Undefined when the gateway did not end its answer, or answered what is no JSON. */
  received: Received | undefined;
  /** Why `received` is undefined. */
  trouble: string | undefined;
  elapsedMs: number;
  endedAtMs: number;
  models: ModelPair;
  primaryCalls: ProviderCall[];
  secondaryCalls: ProviderCall[];
  usageEvents: UsageEvent[];
  /** By how much this process, with both providers in it, grew at most. */
  grownBytes: number;
  /** The gateway answered a good request afterwards. */
  isAliveAfter: boolean;
}

/** When the gateway must have closed the connections it gave up on. */
const CLOSING_MS = 1_000;

/** How long a good answer may take. */
const ALIVE_MS = 10_000;

/** Sends one request to a gateway of its own, whose primary provider has the fault. */
export async function runCell(fault: Fault, cell: Cell, profile: Profile): Promise<Observation> {
  const models = newModels();
  const primary = await startFaultProvider('primary', profile.times, fault.play);
  const secondary = await startFaultProvider('secondary', profile.times, fallbackFor(fault));
  const environment = environmentOf(primary.url, secondary.url);
  const gateway = await startGatewayUnderTest({
    isResilient: true,
    environment,
    overrides: overridesOf(profile, models),
  });
  try {
    return await observe(gateway, { primary, secondary }, models, cell, {
      ...profile,
      isMemoryBound: fault.isMemoryBound ?? false,
    });
  } finally {
    await Promise.all([primary.close(), secondary.close()]);
    await gateway.close();
  }
}

/** A healthy provider; one that refuses prefill, where the fault says so. */
function fallbackFor({ refusesPrefill }: Fault): Play {
  return (wire) =>
    refusesPrefill && endsWithAssistant(wire.call)
      ? wire.whole(400, JSON_HEADERS, errorOf('No prefill.', 'invalid_prefill', 'invalid_request_error'))
      : wire.answer();
}

/** True when the last message of a call is the assistant's. */
export function endsWithAssistant({ body }: ProviderCall): boolean {
  const messages = Array.isArray(body.messages) ? body.messages : [];
  return messages.at(-1)?.role === 'assistant';
}

async function observe(
  gateway: GatewayUnderTest,
  { primary, secondary }: { primary: FaultProvider; secondary: FaultProvider },
  models: ModelPair,
  { isStream, hasFallback, isHeld = false }: Cell,
  { deadlineMs, isMemoryBound }: Profile & { isMemoryBound: boolean },
): Promise<Observation> {
  const memory = isMemoryBound ? watchMemory() : undefined;
  const startedAt = performance.now();
  const question = { model: models.primary, isStream, isHeld, deadlineMs };
  const { received, trouble } = await ask(
    gateway.url,
    hasFallback ? { ...question, fallback: models.secondary } : question,
  );
  const endedAtMs = performance.now();
  const grownBytes = memory?.stop() ?? 0;
  await closingTime(primary.calls);
  const usageEvents = await gateway.events();
  const primaryCalls = [...primary.calls];
  const secondaryCalls = [...secondary.calls];
  return {
    received,
    trouble,
    elapsedMs: endedAtMs - startedAt,
    endedAtMs,
    models,
    primaryCalls,
    secondaryCalls,
    usageEvents,
    grownBytes,
    isAliveAfter: trouble === undefined && (await isAlive(gateway, models.secondary)),
  };
}

async function closingTime(calls: ProviderCall[]): Promise<void> {
  const giveUpAt = performance.now() + CLOSING_MS;
  const isOpen = ({ isOver, givenUpAtMs }: ProviderCall) => !isOver && givenUpAtMs === undefined;
  while (calls.some(isOpen) && performance.now() < giveUpAt) await new Promise((resolve) => setTimeout(resolve, 20));
}

async function isAlive(gateway: GatewayUnderTest, model: string): Promise<boolean> {
  const { received } = await ask(gateway.url, { model, isStream: false, deadlineMs: ALIVE_MS });
  return received?.content === textOf('secondary');
}

/** What is alive, at its most: sampled after a collection, since garbage that waits for one says how busy the machine is. */
function watchMemory(): { stop(): number } {
  const before = liveBytes();
  let most = before;
  const look = () => {
    most = Math.max(most, liveBytes());
  };
  const timer = setInterval(look, 100);
  return {
    stop() {
      clearInterval(timer);
      look();
      return most - before;
    },
  };
}

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

function liveBytes(): number {
  collectGarbage();
  // Buffers are freed after a collection; the next one waits for that.
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
