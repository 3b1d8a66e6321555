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
  /**
   * Alarms, two dashboards and saved queries. An account has ten alarms' metrics and three dashboards for nothing; beyond them
   * all of it is some ten dollars a month.
   */
  monitoring: boolean;
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
  monitoring: true,
  hotTier: undefined,
};
