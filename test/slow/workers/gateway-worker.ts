import { configuration } from '../../../config/index.ts';
import { mergeConfiguration } from '../../../lambda/core/configuration.ts';
import { silentObserver } from '../../../local/silent-observer.ts';
import { startLocalGateway } from '../../../local/start.ts';
import { environmentOf, type ModelPair, overridesOf, type Profile } from '../../failover/profiles.ts';

/** A gateway in a process of its own, which shares its database with others. It says where it listens. */
export interface GatewayTask {
  endpoint: string;
  primaryUrl: string;
  secondaryUrl: string;
  models: ModelPair;
  profile: Profile;
  keys: { apiKey: string; adminKey: string };
}

process.once('message', async (task: GatewayTask) => {
  const gateway = await startLocalGateway({
    configuration: mergeConfiguration(configuration, overridesOf(task.profile, task.models)),
    environment: environmentOf(task.primaryUrl, task.secondaryUrl),
    port: 0,
    keys: task.keys,
    database: { endpoint: task.endpoint },
    pace: { firstTokenMs: 0, tokenMs: 0 },
    observer: silentObserver,
    alertSink: async () => {},
  });
  process.send?.({ url: gateway.url });
  process.once('disconnect', () => process.exit(0));
});
