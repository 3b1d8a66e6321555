import { type CfnRestApi, EndpointAccessMode, type RestApi, SecurityPolicy } from 'aws-cdk-lib/aws-apigateway';

/** API Gateway's name for the oldest TLS it accepts; with 1.2, only suites that keep past traffic secret. */
export function securityPolicy(minimumTls: '1.2' | '1.3'): SecurityPolicy {
  return minimumTls === '1.3' ? SecurityPolicy.TLS13_1_3_2025_09 : SecurityPolicy.TLS13_1_2_PFS_PQ_2025_09;
}

/** The same for the API's own address, for which CDK has no property of its own yet. */
export function enforceTls(api: RestApi, minimumTls: '1.2' | '1.3'): void {
  const resource = api.node.defaultChild as CfnRestApi;
  resource.securityPolicy = securityPolicy(minimumTls);
  // An API that is there already cannot go to STRICT at once (API Gateway guide, "Endpoint access mode").
  resource.endpointAccessMode = EndpointAccessMode.BASIC;
}
