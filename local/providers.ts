import type { Configuration, Provider } from '../lambda/core/configuration.ts';
import type { ProviderKeys } from '../lambda/ports.ts';
import { refuseProblems } from './configuration.ts';

/** Which providers a local gateway calls. */
export interface LocalProviders {
  configuration: Configuration;
  providerKeys: ProviderKeys;
  /** Ids of the real providers in use; empty when the simulated one answers for all. */
  real: string[];
}

/** The variable with a provider's key or address, such as `OPENAI_API_KEY` or `OPENAI_BASE_URL`. */
function variable(providerId: string, part: 'API_KEY' | 'BASE_URL'): string {
  return `${providerId.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}_${part}`;
}

/** The providers that the environment gives a key or an address, or undefined when it gives none. */
export function realProviders(
  configuration: Configuration,
  environment: NodeJS.ProcessEnv,
): LocalProviders | undefined {
  const given = (id: string, part: 'API_KEY' | 'BASE_URL') => {
    const value = environment[variable(id, part)]?.trim() || undefined;
    if (value === undefined || /^[\x21-\x7e]+$/.test(value)) return value;
    throw new Error(`${variable(id, part)} has a space or a character that is not ASCII. Set it again.`);
  };
  const ids = Object.keys(configuration.providers);
  const real = ids.filter((id) => given(id, 'API_KEY') ?? given(id, 'BASE_URL'));
  if (real.length === 0) return undefined;
  const providers = mapProviders(configuration, (id, provider) => {
    const baseUrl = given(id, 'BASE_URL')?.replace(/\/+$/, '');
    // A server under an address of one's own may be open; the provider's own address never is.
    return baseUrl === undefined ? provider : { ...provider, baseUrl, needsKey: false };
  });
  const changed = { ...configuration, providers };
  refuseProblems(changed);
  return {
    configuration: changed,
    providerKeys: { find: async (id) => given(id, 'API_KEY') },
    real,
  };
}

/** Every provider at the address of the simulated one, each under a path of its own. */
export function simulatedProviders(configuration: Configuration, baseUrl: string): LocalProviders {
  const providers = mapProviders(configuration, (id, provider) => ({ ...provider, baseUrl: `${baseUrl}/${id}/v1` }));
  return {
    configuration: { ...configuration, providers },
    providerKeys: { find: async (id) => `simulated-key-for-${id}` },
    real: [],
  };
}

function mapProviders(
  { providers }: Configuration,
  change: (id: string, provider: Provider) => Provider,
): Configuration['providers'] {
  return Object.fromEntries(Object.entries(providers).map(([id, provider]) => [id, change(id, provider)]));
}
