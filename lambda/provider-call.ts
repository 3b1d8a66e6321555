import type { TokenUsage } from './core/usage.ts';

/** One call to a provider that is over, as spans tell it: names and numbers, nothing of what was said. */
export interface ProviderCall {
  requestId: string;
  provider: string;
  /** As it is configured. */
  model: string;
  /** What the provider calls it. */
  upstreamModel: string;
  isStream: boolean;
  /** Epoch milliseconds. */
  startedAtMs: number;
  endedAtMs: number;
  /** Of a stream that began. */
  timeToFirstTokenMs?: number;
  usage?: TokenUsage;
  finishReason?: string;
  /** Absent when the model answered. */
  errorCode?: string;
}
