/** AWS's list prices in us-east-1, in dollars, read on 2026-11-25; each with the page it is on. No free tier but where it says so. */
export const AWS_PRICES = {
  region: 'us-east-1',
  day: '2026-11-25',
  /** aws.amazon.com/api-gateway/pricing: REST, the first 333 million */
  restRequestsPerMillion: 3.5,
  /** aws.amazon.com/lambda/pricing: arm64 */
  lambdaRequestsPerMillion: 0.2,
  lambdaGigabyteSecond: 0.0000133334,
  /** aws.amazon.com/dynamodb/pricing/on-demand */
  readUnitsPerMillion: 0.125,
  writeUnitsPerMillion: 0.625,
  /** aws.amazon.com/step-functions/pricing: Express, in pieces of 64 MB */
  expressExecutionsPerMillion: 1,
  expressGigabyteSecond: 0.00001667,
  /** aws.amazon.com/cloudwatch/pricing */
  logGigabyte: 0.5,
  metricMonth: 0.3,
  alarmMetricMonth: 0.1,
  compositeAlarmMonth: 0.5,
  /** A band is three metrics. */
  anomalyAlarmMonth: 0.3,
  /** Of an account, every month. */
  freeAlarmMetrics: 10,
  dashboardMonth: 3,
  freeDashboards: 3,
  /** aws.amazon.com/xray/pricing */
  tracesPerMillion: 5,
  /** aws.amazon.com/secrets-manager/pricing */
  secretMonth: 0.4,
  /** aws.amazon.com/fargate/pricing: Linux on arm64 */
  fargateCpuHour: 0.03238,
  fargateGigabyteHour: 0.00356,
  /** aws.amazon.com/elasticloadbalancing/pricing: an application load balancer with one capacity unit */
  loadBalancerHour: 0.0225 + 0.008,
  /** aws.amazon.com/vpc/pricing: a public IPv4 address, so that no NAT gateway is needed */
  addressHour: 0.005,
} as const;

export const HOURS_A_MONTH = 730;
