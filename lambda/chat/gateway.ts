import type { Configuration } from '../core/configuration.ts';
import { composeGateway, deployedSurroundings, type Gateway, required, type Surroundings } from '../gateway.ts';
import type { ProviderKeys, Upstream, UsageEvents } from '../ports.ts';
import { httpUpstream } from '../providers/http-upstream.ts';
import { providerSecret, secretReader } from '../store/provider-secret.ts';
import { usageEventsStore } from '../store/usage-events.ts';

/** What the chat needs beside what every handler does. */
export interface ChatGateway extends Gateway {
  usageEvents: UsageEvents;
  providerKeys: ProviderKeys;
  upstream: Upstream;
}

/** The chat's gateway in these surroundings. */
export function composeChatGateway(surroundings: Surroundings, providerKeys: ProviderKeys): ChatGateway {
  return {
    ...composeGateway(surroundings),
    usageEvents: usageEventsStore(surroundings.database, surroundings.tableName('usage')),
    providerKeys,
    upstream: httpUpstream(),
  };
}

/** The gateway of the deployed chat function, from its environment. */
export function deployedChatGateway(environment: NodeJS.ProcessEnv, configuration: Configuration): ChatGateway {
  const providerKeys = providerSecret(secretReader(required(environment, 'PROVIDER_SECRET_ARN')), Date.now);
  return composeChatGateway(deployedSurroundings(environment, configuration), providerKeys);
}
