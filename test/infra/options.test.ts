import { Match, Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import type { Deployment } from '../../config/deployment.ts';
import { checkRules } from '../../lib/checks.ts';
import { stacksOf, synthesise } from './synthesise.ts';

const PLACE = { env: { account: '111122223333', region: 'eu-central-1' } };

const CUSTOM_DOMAIN = {
  name: 'ai.example.com',
  certificateArn: 'arn:aws:acm:eu-central-1:111122223333:certificate/0a1b2c3d-0000-4000-8000-000000000000',
  hostedZone: { id: 'Z0123456789ABC', name: 'example.com' },
  isOnlyAddress: true,
};

const KEY_ARN = 'arn:aws:kms:eu-central-1:111122223333:key/0a1b2c3d-0000-4000-8000-000000000000';

/** Every option there is, in its dearest form. */
const EVERYTHING: Partial<Deployment> = {
  minimumTls: '1.3',
  customDomain: CUSTOM_DOMAIN,
  firewall: { requestsPerFiveMinutes: 1_000, managedRules: true },
  provisionedConcurrency: 2,
  network: {
    vpcId: 'vpc-0123456789abcdef0',
    subnetIds: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'],
    availabilityZones: ['eu-central-1a', 'eu-central-1b'],
  },
  releases: 'linear',
  bedrockRegion: 'eu-central-1',
  alertEmail: 'ops@example.com',
  hotTier: { maximumGigabytes: 1, maximumEcpuPerSecond: 1_000 },
  recoveryDays: 7,
  encryptionKeyArn: KEY_ARN,
};

const SEMANTIC = { isOn: true, index: 'dynamodb' } as const;

/** What a template has only when somebody asked for it. */
const OPTIONAL_TYPES = [
  'AWS::ApiGateway::DomainName',
  'AWS::ApiGateway::BasePathMapping',
  'AWS::CodeDeploy::Application',
  'AWS::CodeDeploy::DeploymentGroup',
  'AWS::EC2::SecurityGroup',
  'AWS::ElastiCache::ServerlessCache',
  'AWS::KMS::Key',
  'AWS::Route53::RecordSet',
  'AWS::SNS::Subscription',
  'AWS::WAFv2::WebACL',
  'AWS::WAFv2::WebACLAssociation',
];

const plain = synthesise(false).gateway;
const full = synthesise(false, true, EVERYTHING, SEMANTIC, PLACE);

describe('the options', () => {
  it('add nothing to the template while they are off', () => {
    const types = Object.values(plain.toJSON().Resources).map((resource) => (resource as { Type: string }).Type);
    expect(types.filter((type) => OPTIONAL_TYPES.includes(type))).toEqual([]);
    const text = JSON.stringify(plain.toJSON());
    for (const word of ['ec2:', 'kms:', 'BEDROCK_REGION', 'ProvisionedConcurrency', 'UpdatePolicy":{"CodeDeploy']) {
      expect(text).not.toContain(word);
    }
  });

  it('pass the rules of cdk-nag all together', () => {
    const { app, gateway } = stacksOf(false, true, EVERYTHING, SEMANTIC, PLACE);
    checkRules(app, gateway);
    expect(() => app.synth()).not.toThrow();
  });

  it('leave the logical ids of what keeps something as they are', () => {
    const stateful = (template: Template) =>
      Object.entries(template.toJSON().Resources)
        .filter(([, resource]) => /GlobalTable|SecretsManager|SNS::Topic$/.test((resource as { Type: string }).Type))
        .map(([id]) => id)
        .sort();
    expect(stateful(full.gateway)).toEqual([
      'ProviderKeys2563E0B5',
      'ResponsesTable53B822ED',
      'StripeSecret80A38A68',
      'SweepAlerts029F7AA4',
      'TrafficTableC0923B77',
    ]);
    expect(stateful(full.data)).toEqual(['AccountsTable81C15AE5', 'UsageTable28300137']);
    expect(stateful(plain)).toEqual(stateful(full.gateway).filter((id) => !id.startsWith('Stripe')));
  });
});

describe('a custom domain', () => {
  it('has the TLS that is asked for, an address in DNS, and is the only one', () => {
    full.gateway.hasResourceProperties('AWS::ApiGateway::DomainName', {
      DomainName: 'ai.example.com',
      SecurityPolicy: 'SecurityPolicy_TLS13_1_3_2025_09',
      EndpointAccessMode: 'STRICT',
      RegionalCertificateArn: CUSTOM_DOMAIN.certificateArn,
    });
    full.gateway.hasResourceProperties('AWS::ApiGateway::RestApi', { DisableExecuteApiEndpoint: true });
    full.gateway.resourceCountIs('AWS::Route53::RecordSet', 2);
    full.gateway.hasOutput('Url', { Value: 'https://ai.example.com/' });
  });

  it('tells where to point the name while DNS is elsewhere, and leaves the other address open unless told', () => {
    const customDomain = { ...CUSTOM_DOMAIN, hostedZone: undefined, isOnlyAddress: false };
    const { gateway } = synthesise(false, false, { customDomain });
    gateway.resourceCountIs('AWS::Route53::RecordSet', 0);
    expect(Object.keys(gateway.findOutputs('DomainTarget'))).toHaveLength(1);
    gateway.hasResourceProperties('AWS::ApiGateway::RestApi', { DisableExecuteApiEndpoint: Match.absent() });
  });
});

describe('TLS', () => {
  it('is 1.2 with forward secrecy, or 1.3, at the address of API Gateway itself', () => {
    const SecurityPolicy = 'SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09';
    plain.hasResourceProperties('AWS::ApiGateway::RestApi', { SecurityPolicy, EndpointAccessMode: 'BASIC' });
    full.gateway.hasResourceProperties('AWS::ApiGateway::RestApi', {
      SecurityPolicy: 'SecurityPolicy_TLS13_1_3_2025_09',
    });
  });
});

describe('the firewall', () => {
  const [acl] = Object.values(full.gateway.findResources('AWS::WAFv2::WebACL'));
  const rules: Record<string, { [key: string]: unknown }> = Object.fromEntries(
    acl?.Properties.Rules.map((rule: { Name: string }) => [rule.Name, rule]),
  );

  it('limits each address, in the shape of our errors, and stands before the stage', () => {
    expect(rules.RequestsOfOneAddress).toMatchObject({
      Statement: { RateBasedStatement: { Limit: 1_000, AggregateKeyType: 'IP', EvaluationWindowSec: 300 } },
      Action: { Block: { CustomResponse: { ResponseCode: 429 } } },
    });
    const [body] = Object.values(acl?.Properties.CustomResponseBodies) as { Content: string }[];
    expect(JSON.parse(body?.Content ?? '').error.code).toBe('rate_limit_exceeded');
    expect(JSON.stringify(full.gateway.findResources('AWS::WAFv2::WebACLAssociation'))).toContain('/stages/');
  });

  it('only counts what it finds in bodies, where prompts are, and samples no headers, where keys are', () => {
    const overrides = JSON.stringify(rules);
    for (const rule of ['SizeRestrictions_BODY', 'CrossSiteScripting_BODY', 'Log4JRCE_BODY']) {
      expect(overrides).toContain(`{"ActionToUse":{"Count":{}},"Name":"${rule}"}`);
    }
    for (const rule of Object.values(rules))
      expect(rule.VisibilityConfig).toMatchObject({ SampledRequestsEnabled: false });
    full.gateway.hasResourceProperties('AWS::ApiGateway::GatewayResponse', { ResponseType: 'WAF_FILTERED' });
  });

  it('has no rules of AWS where they are not asked for', () => {
    const firewall = { requestsPerFiveMinutes: 100, managedRules: false };
    const [own] = Object.values(synthesise(false, false, { firewall }).gateway.findResources('AWS::WAFv2::WebACL'));
    expect(own?.Properties.Rules).toHaveLength(1);
  });
});

describe('a network', () => {
  it('has every function in its subnets, behind a group that lets nobody in', () => {
    for (const { Properties } of Object.values(full.gateway.findResources('AWS::Lambda::Function'))) {
      expect(Properties.VpcConfig.SubnetIds).toEqual(EVERYTHING.network?.subnetIds);
    }
    full.gateway.hasResourceProperties('AWS::EC2::SecurityGroup', { SecurityGroupIngress: Match.absent() });
  });

  it('lets Lambda keep interfaces, and denies that to the code of the function', () => {
    const policies = Object.entries(full.gateway.findResources('AWS::IAM::Policy')).filter(([, policy]) =>
      JSON.stringify(policy).includes('ec2:CreateNetworkInterface'),
    );
    expect(policies).toHaveLength(Object.keys(full.gateway.findResources('AWS::Lambda::Function')).length);
    for (const [, policy] of policies) {
      expect(policy.Properties.PolicyDocument.Statement).toContainEqual(
        expect.objectContaining({ Effect: 'Deny', Condition: { Null: { 'lambda:SourceFunctionArn': 'false' } } }),
      );
    }
  });
});

describe("an operator's key", () => {
  it('encrypts all tables and secrets, and functions may use it through DynamoDB and Secrets Manager only', () => {
    for (const template of [full.data, full.gateway]) {
      for (const { Properties } of Object.values(template.findResources('AWS::DynamoDB::GlobalTable'))) {
        expect(Properties.SSESpecification).toEqual({ SSEEnabled: true, SSEType: 'KMS' });
        expect(Properties.Replicas[0].SSESpecification).toEqual({ KMSMasterKeyId: KEY_ARN });
      }
    }
    for (const { Properties } of Object.values(full.gateway.findResources('AWS::SecretsManager::Secret'))) {
      expect(Properties.KmsKeyId).toBe(KEY_ARN);
    }
    const statements = Object.values(full.gateway.findResources('AWS::IAM::Policy')).flatMap(
      (policy) => policy.Properties.PolicyDocument.Statement as { Action: string | string[]; Condition?: object }[],
    );
    const keyed = statements.filter(({ Action }) => [Action].flat().some((action) => action.startsWith('kms:')));
    expect(keyed.length).toBeGreaterThan(0);
    for (const { Condition } of keyed) {
      expect(JSON.stringify(Condition)).toMatch(/"kms:ViaService":.*"(dynamodb|secretsmanager)\./);
    }
  });
});

describe('the other options', () => {
  it('keep chat functions started, and no others', () => {
    const kept = Object.entries(full.gateway.findResources('AWS::Lambda::Alias')).filter(
      ([, { Properties }]) => Properties.ProvisionedConcurrencyConfig,
    );
    expect(kept.map(([id]) => id.replace(/Live.*/, ''))).toEqual(['Chat']);
  });

  it('say how far back the durable tables go, and delete them with their stack only where that is asked for', () => {
    for (const { Properties } of Object.values(full.data.findResources('AWS::DynamoDB::GlobalTable'))) {
      expect(Properties.Replicas[0].PointInTimeRecoverySpecification.RecoveryPeriodInDays).toBe(7);
    }
    const { data } = stacksOf(false, false, { dataRemoval: 'delete' }, {}, {});
    expect(data.terminationProtection).toBe(false);
    for (const table of Object.values(Template.fromStack(data).findResources('AWS::DynamoDB::GlobalTable'))) {
      expect(table).toMatchObject({ DeletionPolicy: 'Delete', UpdateReplacePolicy: 'Delete' });
      expect(table.Properties.Replicas[0].DeletionProtectionEnabled).toBe(false);
    }
  });
});
