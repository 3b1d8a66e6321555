import { configuration } from '../../../config/index.ts';
import { mergeConfiguration } from '../../../lambda/core/configuration.ts';
import { silentObserver } from '../../../local/silent-observer.ts';
import { startLocalGateway } from '../../../local/start.ts';

/** A gateway in a process of its own, to be killed. It says where it listens. */
export interface LedgerTask {
  endpoint: string;
  providerUrl: string;
  keys: { apiKey: string; adminKey: string };
  /** Its clock is this far ahead: leases end and hours are over without anybody's waiting. */
  aheadMs: number;
  sweepEveryMs: number;
}

process.once('message', async (task: LedgerTask) => {
  const now = Date.now;
  Date.now = () => now() + task.aheadMs;
  const gateway = await startLocalGateway({
    configuration: mergeConfiguration(configuration, {
      caching: { isOn: false },
      deduplication: { isOn: false },
      chains: {},
      retry: { attempts: 1 },
    }),
    environment: { OPENAI_API_KEY: 'sk-provider-key', OPENAI_BASE_URL: `${task.providerUrl}/v1` },
    port: 0,
    keys: task.keys,
    database: { endpoint: task.endpoint },
    sweepEveryMs: task.sweepEveryMs,
    pace: { firstTokenMs: 0, tokenMs: 0 },
    observer: silentObserver,
    alertSink: async () => {},
  });
  process.send?.({ url: gateway.url });
  process.once('disconnect', () => process.exit(0));
});
