import type { ConfigurationOverrides, Model } from '../../lambda/core/configuration.ts';

/** How long a provider takes for what it does wrong. */
export interface FaultTimes {
  retryAfterSeconds: number;
  /** Until the first content of a slow provider; longer than the gateway waits. */
  slowMs: number;
  /** For how long a provider says nothing; longer than the gateway waits. */
  silenceMs: number;
  wordMs: number;
  /** Between two bytes of a provider that sends them one by one. */
  dripMs: number;
}

/** What the gateway may do about a model that fails. */
interface RetryRules {
  attempts: number;
  firstBackoffMs: number;
  maximumBackoffMs: number;
  /** For one attempt at a whole answer. */
  timeoutMs: number;
}

/** A provider that is down for a time and then up, and requests that go on through it, one at a time. */
interface FlappingTimes {
  downMs: number;
  requests: number;
  everyMs: number;
  /** When the provider must be in use again, after it is up. */
  recoveredWithinMs: number;
}

/** The same faults in two sizes: short times for every run of the tests, and those of real life. */
export interface Profile {
  times: FaultTimes;
  firstContentMs: number;
  betweenChunksMs: number;
  retry: RetryRules;
  /** The deadline that the caller sets. */
  deadlineMs: number;
  flapping: FlappingTimes;
}

export const FAST: Profile = {
  times: { retryAfterSeconds: 1, slowMs: 3_500, silenceMs: 15_000, wordMs: 1, dripMs: 20 },
  firstContentMs: 1_200,
  betweenChunksMs: 1_200,
  retry: { attempts: 3, firstBackoffMs: 40, maximumBackoffMs: 3_000, timeoutMs: 1_500 },
  deadlineMs: 8_000,
  flapping: { downMs: 3_000, requests: 36, everyMs: 300, recoveredWithinMs: 7_000 },
};

export const FULL: Profile = {
  times: { retryAfterSeconds: 2, slowMs: 20_000, silenceMs: 120_000, wordMs: 15, dripMs: 100 },
  firstContentMs: 10_000,
  betweenChunksMs: 10_000,
  retry: { attempts: 3, firstBackoffMs: 1_000, maximumBackoffMs: 30_000, timeoutMs: 10_000 },
  deadlineMs: 60_000,
  flapping: { downMs: 60_000, requests: 20, everyMs: 4_000, recoveredWithinMs: 30_000 },
};

export interface ModelPair {
  primary: string;
  secondary: string;
}

let pairs = 0;

/** Two models that no other test has. */
export function newModels(): ModelPair {
  pairs += 1;
  return { primary: `openai/primary-${pairs}`, secondary: `groq/secondary-${pairs}` };
}

export const PRIMARY_KEY = 'sk-primary-key';

/** Where a gateway finds the two providers. */
export function environmentOf(primaryUrl: string, secondaryUrl: string): NodeJS.ProcessEnv {
  return {
    OPENAI_API_KEY: PRIMARY_KEY,
    OPENAI_BASE_URL: `${primaryUrl}/v1`,
    GROQ_API_KEY: 'gsk-secondary-key',
    GROQ_BASE_URL: `${secondaryUrl}/v1`,
  };
}

/**
 * The one place where the configuration of a failover test is made: two models of two providers, and the times of the
 * profile. Each test has models of its own, so that nothing is remembered of another's failures.
 */
export function overridesOf(profile: Profile, { primary, secondary }: ModelPair): ConfigurationOverrides {
  const { firstContentMs, betweenChunksMs, retry } = profile;
  const model = (id: string): Model & { retry: RetryRules } => ({
    provider: id.split('/')[0] ?? '',
    upstreamName: id.split('/')[1] ?? '',
    // Only a model with more room may answer what another has none for.
    contextWindowTokens: id === primary ? 128_000 : 256_000,
    price: { inputPerMillion: 1, outputPerMillion: 10 },
    retry,
  });
  return {
    models: { [primary]: model(primary), [secondary]: model(secondary) },
    deadlines: { firstContentMs, betweenChunksMs },
    // The same is asked again and again, and each time is meant.
    caching: { isOn: false },
    deduplication: { isOn: false },
  };
}
