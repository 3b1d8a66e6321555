import { required } from './gateway.ts';
import type { ProviderKeys } from './ports.ts';
import { providerSecret, secretReader } from './store/provider-secret.ts';

/** The keys in the secret whose ARN a variable of the environment holds. */
export function deployedSecret(environment: NodeJS.ProcessEnv, variable: string): ProviderKeys {
  return providerSecret(secretReader(required(environment, variable)), Date.now);
}
