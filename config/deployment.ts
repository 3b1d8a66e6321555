/** What a deployment can choose. docs/deploy.md explains each. */
export interface Deployment {
  /**
   * Send every answer whole instead of as it is made. Only for platforms that cannot stream through API Gateway, such as
   * the emulator of the deploy test: answers are then limited to 6 MB and 29 s.
   */
  bufferedAnswers: boolean;
  /** Requests a second, over all callers, at which API Gateway itself starts to refuse; and its bucket. */
  throttle: { requestsPerSecond: number; burst: number };
  /** The chat function's memory. It mostly waits, so memory is what its waiting costs. */
  chatMemoryMegabytes: number;
  logRetentionDays: 7 | 30 | 90 | 365;
  /** Who gets the budget alerts by e-mail, beside the topic and the event bus. */
  alertEmail: string | undefined;
  /** Two CloudWatch dashboards; an account has three for nothing, then each is a few dollars a month. */
  dashboards: boolean;
  /**
   * An ElastiCache Serverless cache for Valkey that holds the newest answers and wakes who waits for a call; undefined for
   * none, which is enough for most. It costs a few dollars a month when idle.
   */
  hotTier: HotTierLimits | undefined;
}

/** What the hot tier may grow to. Both bound its bill. */
export interface HotTierLimits {
  maximumGigabytes: number;
  maximumEcpuPerSecond: number;
}

export const deployment: Deployment = {
  bufferedAnswers: false,
  throttle: { requestsPerSecond: 200, burst: 400 },
  chatMemoryMegabytes: 256,
  logRetentionDays: 30,
  alertEmail: undefined,
  dashboards: true,
  hotTier: undefined,
};
