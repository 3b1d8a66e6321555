import { circuitState, isProbeDue } from './core/circuit.ts';
import { type Configuration, wantsKey } from './core/configuration.ts';
import type { Availability } from './core/routing/choose-model.ts';
import { mayUse } from './core/terms.ts';
import type { Caller, Circuits, Clock, ProviderKeys } from './ports.ts';

interface Known {
  configuration: Configuration;
  clock: Clock;
  /** Undefined where keys may not be read: then every provider is taken to have one. */
  providerKeys: ProviderKeys | undefined;
}

/** Which models this caller can have now, by what is known of their circuits. */
export async function availabilityOf(
  { configuration, clock, providerKeys }: Known,
  { terms }: Caller,
  circuits: Awaited<ReturnType<Circuits['look']>>,
): Promise<Availability> {
  const keyless = await providersWithoutKey(configuration, providerKeys);
  return {
    mayUse: (modelId) => mayUse(terms, modelId),
    isDown(modelId) {
      const circuit = circuits.get(modelId);
      if (!circuit || circuitState(circuit, clock()) === 'closed') return false;
      return !isProbeDue(circuit, clock());
    },
    hasKey: (providerId) => !keyless.has(providerId),
  };
}

/** Providers that want a key and have none. A secret that cannot be read is no reason to leave anybody out. */
async function providersWithoutKey(
  { providers }: Configuration,
  providerKeys: ProviderKeys | undefined,
): Promise<ReadonlySet<string>> {
  if (!providerKeys) return new Set();
  const wanting = Object.entries(providers).filter(([, provider]) => wantsKey(provider));
  const found = await Promise.all(
    wanting.map(async ([id]) => ((await providerKeys.find(id).catch(() => '')) === undefined ? [id] : [])),
  );
  return new Set(found.flat());
}
