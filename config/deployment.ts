/** What a deployment can choose. docs/deploy.md explains each; `config/stages.ts` lays a stage's own choices over these. */
export interface Deployment {
  /**
   * Send every answer whole instead of as it is made. Only for platforms that cannot stream through API Gateway, such as
   * the emulator of the deploy test: answers are then limited to 6 MB and 29 s.
   */
  bufferedAnswers: boolean;
  /** Requests a second, over all callers, at which API Gateway itself starts to refuse; and its bucket. */
  throttle: { requestsPerSecond: number; burst: number };
  /** The oldest TLS that API Gateway accepts, at its own address and at yours. */
  minimumTls: '1.2' | '1.3';
  /** A name of your own for the API; undefined for the one that API Gateway gives it. */
  customDomain: CustomDomain | undefined;
  /** A web ACL of AWS WAF before the API; undefined for none. It costs six to nine dollars a month when idle. */
  firewall: Firewall | undefined;
  /** The chat function's memory. It mostly waits, so memory is what its waiting costs. */
  chatMemoryMegabytes: number;
  /** Chat functions that are kept started, at some two dollars a month for each 256 MB; undefined for none. */
  provisionedConcurrency: number | undefined;
  /** The functions run in these subnets, for providers that only a VPC reaches; undefined for none, which most want. */
  network: Network | undefined;
  /** How new versions of functions get their traffic. docs/deploy.md#releases */
  releases: 'all at once' | 'canary' | 'linear';
  /** The AWS region whose Bedrock is called; undefined for the one in `config/providers.ts`. */
  bedrockRegion: string | undefined;
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
  /** Days (1 to 35) that accounts and ledger can be put back to any second of. */
  recoveryDays: number;
  /** What becomes of accounts and ledger when their stack is deleted. With `keep` they cannot even be deleted by hand. */
  dataRemoval: 'keep' | 'delete';
  /** The ARN of a KMS key that encrypts tables and secrets; undefined for keys that AWS manages, which cost nothing. */
  encryptionKeyArn: string | undefined;
}

export interface CustomDomain {
  /** Such as `ai.example.com`. */
  name: string;
  /** A certificate of AWS Certificate Manager for the name, in the region of the stack. */
  certificateArn: string;
  /** The zone of Route 53 that gets the record; undefined where DNS is elsewhere and the record is made by hand. */
  hostedZone: { id: string; name: string } | undefined;
  /** API Gateway's own address answers nobody any more. */
  isOnlyAddress: boolean;
}

export interface Firewall {
  /** More requests than this from one address in five minutes are refused with 429. */
  requestsPerFiveMinutes: number;
  /** AWS's own rules: known bad addresses, and requests that look like attacks. */
  managedRules: boolean;
}

/** A VPC that is there already. Its subnets need a way to the internet: a NAT gateway, or endpoints for what is called. */
export interface Network {
  vpcId: string;
  /** Private subnets, one in each of these zones. */
  subnetIds: readonly string[];
  availabilityZones: readonly string[];
}

/** What the hot tier may grow to. Both bound its bill. */
export interface HotTierLimits {
  maximumGigabytes: number;
  maximumEcpuPerSecond: number;
}

export const deployment: Deployment = {
  bufferedAnswers: false,
  throttle: { requestsPerSecond: 200, burst: 400 },
  minimumTls: '1.2',
  customDomain: undefined,
  firewall: undefined,
  chatMemoryMegabytes: 256,
  provisionedConcurrency: undefined,
  network: undefined,
  releases: 'all at once',
  bedrockRegion: undefined,
  logRetentionDays: 30,
  alertEmail: undefined,
  monitoring: true,
  hotTier: undefined,
  recoveryDays: 35,
  dataRemoval: 'keep',
  encryptionKeyArn: undefined,
};
