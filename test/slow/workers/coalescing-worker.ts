import { configuration } from '../../../config/index.ts';
import { mergeConfiguration } from '../../../lambda/core/configuration.ts';
import { silentObserver } from '../../../local/silent-observer.ts';
import { startLocalGateway } from '../../../local/start.ts';

/** A gateway in a process of its own, which shares its database with others, and asks the same for so many callers at once. */
export interface CoalescingTask {
  endpoint: string;
  /** The provider, at a path of this process's own. */
  providerUrl: string;
  callers: number;
  isOn: boolean;
  question: string;
}

/** What a worker says when all its callers have their answers. */
export interface CoalescingReport {
  answers: string[];
}

process.once('message', async (task: CoalescingTask) => {
  const gateway = await startLocalGateway({
    configuration: mergeConfiguration(configuration, {
      caching: { isOn: false },
      deduplication: { isOn: task.isOn },
    }),
    environment: { OPENAI_API_KEY: 'sk-provider-key', OPENAI_BASE_URL: `${task.providerUrl}/v1` },
    port: 0,
    keys: { apiKey: 'hg_key-of-the-tests', adminKey: 'hg_admin-of-the-tests' },
    database: { endpoint: task.endpoint },
    pace: { firstTokenMs: 0, tokenMs: 0 },
    observer: silentObserver,
    alertSink: async () => {},
  });
  const ask = async () => {
    const response = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: 'Bearer hg_key-of-the-tests' },
      body: JSON.stringify({ model: 'openai/gpt-4o', messages: [{ role: 'user', content: task.question }] }),
    });
    return `${response.status} ${await response.text()}`;
  };
  process.send?.({ ready: true });
  process.once('message', async () => {
    const answers = await Promise.all(Array.from({ length: task.callers }, ask));
    process.send?.({ answers } satisfies CoalescingReport, () => process.exit(0));
  });
});
