import { CfnOutput } from 'aws-cdk-lib';
import { DomainName, EndpointAccessMode, EndpointType, type RestApi } from 'aws-cdk-lib/aws-apigateway';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { AaaaRecord, ARecord, HostedZone, RecordTarget } from 'aws-cdk-lib/aws-route53';
import { ApiGatewayDomain } from 'aws-cdk-lib/aws-route53-targets';
import type { Construct } from 'constructs';
import type { CustomDomain } from '../config/deployment.ts';
import { securityPolicy } from './tls.ts';

/** A name of the operator's own before the API. Answers with the base URL that callers then use. */
export function addCustomDomain(
  scope: Construct,
  api: RestApi,
  { name, certificateArn, hostedZone }: CustomDomain,
  minimumTls: '1.2' | '1.3',
): string {
  const domain = new DomainName(scope, 'Domain', {
    domainName: name,
    certificate: Certificate.fromCertificateArn(scope, 'Certificate', certificateArn),
    endpointType: EndpointType.REGIONAL,
    securityPolicy: securityPolicy(minimumTls),
    // The name is new, so nobody relies on reaching it in another way.
    endpointAccessMode: EndpointAccessMode.STRICT,
    mapping: api,
  });
  if (hostedZone) {
    const zone = HostedZone.fromHostedZoneAttributes(scope, 'Zone', {
      hostedZoneId: hostedZone.id,
      zoneName: hostedZone.name,
    });
    const target = RecordTarget.fromAlias(new ApiGatewayDomain(domain));
    new ARecord(scope, 'DomainRecord', { zone, recordName: name, target });
    new AaaaRecord(scope, 'DomainRecordIpv6', { zone, recordName: name, target });
  } else {
    const value = domain.domainNameAliasDomainName;
    new CfnOutput(scope, 'DomainTarget', { value, description: `Point a CNAME record of ${name} here` });
  }
  return `https://${name}/`;
}
