import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Match, type Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, it } from 'vitest';
import { deployment } from '../../config/deployment.ts';
import { FUNCTIONS, ROUTES } from '../../lambda/routes.ts';
import { TABLES } from '../../lambda/store/tables.ts';

import { synthesise } from './synthesise.ts';

let data: Template;
let gateway: Template;
beforeAll(() => {
  ({ data, gateway } = synthesise(false));
});

/** The functions that no route leads to: the sweep, and what the state machines call. */
const INNER = 3;

const STATE_MACHINES = 2;

/** The functions that are made only when configured: billing. */
const OPTIONAL = 1;

describe('the data stack', () => {
  it('keeps its two tables, with recovery and deletion protection, when it goes', () => {
    const tables = Object.values(data.findResources('AWS::DynamoDB::GlobalTable'));
    expect(tables).toHaveLength(Object.values(TABLES).filter((table) => table.isDurable).length);
    for (const table of tables) {
      expect(table).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
      expect(table.Properties.Replicas).toEqual([
        expect.objectContaining({
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true, RecoveryPeriodInDays: 35 },
          DeletionProtectionEnabled: true,
        }),
      ]);
    }
  });

  it('never changes the logical ids of its tables, which would replace them', () => {
    expect(Object.keys(data.findResources('AWS::DynamoDB::GlobalTable')).sort()).toEqual([
      'AccountsTable81C15AE5',
      'UsageTable28300137',
    ]);
  });
});

describe('the gateway stack', () => {
  it('deletes its two tables with itself, and lets items expire', () => {
    const tables = Object.values(gateway.findResources('AWS::DynamoDB::GlobalTable'));
    expect(tables).toHaveLength(2);
    for (const table of tables) {
      expect(table.DeletionPolicy).toBe('Delete');
      expect(table.Properties).toMatchObject({
        BillingMode: 'PAY_PER_REQUEST',
        TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
      });
    }
  });

  it("has one function for each name in routes.ts, the sweep and the machines' tasks, on Node 24 and arm64, behind an alias", () => {
    const functions = Object.values(gateway.findResources('AWS::Lambda::Function'));
    expect(functions).toHaveLength(Object.keys(FUNCTIONS).length - OPTIONAL + INNER);
    for (const { Properties } of functions) {
      expect(Properties).toMatchObject({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        TracingConfig: { Mode: 'Active' },
      });
    }
    gateway.resourceCountIs('AWS::Lambda::Alias', functions.length);
  });

  it('has one method for each route, and streams the chats for up to 15 minutes', () => {
    const methods = Object.values(gateway.findResources('AWS::ApiGateway::Method'));
    expect(methods).toHaveLength(ROUTES.length - OPTIONAL);
    const streaming = methods.filter(({ Properties }) => Properties.Integration.ResponseTransferMode === 'STREAM');
    expect(streaming).toHaveLength(ROUTES.filter((route) => FUNCTIONS[route.function].streams).length);
    for (const { Properties } of streaming) {
      expect(Properties.Integration.TimeoutInMillis).toBe(900_000);
      expect(JSON.stringify(Properties.Integration.Uri)).toContain('/response-streaming-invocations');
    }
  });

  it('is regional, throttled, traced, and logs who called without what was said', () => {
    gateway.hasResourceProperties('AWS::ApiGateway::RestApi', { EndpointConfiguration: { Types: ['REGIONAL'] } });
    gateway.hasResourceProperties('AWS::ApiGateway::Stage', {
      TracingEnabled: true,
      AccessLogSetting: {
        DestinationArn: Match.anyValue(),
        Format: Match.not(Match.stringLikeRegexp('body|authorization')),
      },
      MethodSettings: [
        Match.objectLike({ ThrottlingRateLimit: 200, ThrottlingBurstLimit: 400, DataTraceEnabled: false }),
      ],
    });
  });

  it("answers API Gateway's own errors in OpenAI's shape", () => {
    const responses = Object.values(gateway.findResources('AWS::ApiGateway::GatewayResponse'));
    expect(responses.length).toBeGreaterThanOrEqual(9);
    for (const { Properties } of responses) {
      const { error } = JSON.parse(Properties.ResponseTemplates['application/json']);
      expect(Object.keys(error).sort()).toEqual(['code', 'message', 'param', 'type']);
      expect(Properties.ResponseParameters).toMatchObject({
        'gatewayresponse.header.x-headgate-request-id': 'context.requestId',
      });
    }
  });

  it('keeps logs for the configured time in groups of its own', () => {
    const groups = Object.values(gateway.findResources('AWS::Logs::LogGroup'));
    expect(groups).toHaveLength(Object.keys(FUNCTIONS).length - OPTIONAL + INNER + STATE_MACHINES + 1);
    for (const { Properties } of groups) expect(Properties.RetentionInDays).toBe(deployment.logRetentionDays);
  });

  it('has one secret for provider keys, empty, and no key anywhere', () => {
    gateway.resourceCountIs('AWS::SecretsManager::Secret', 1);
    gateway.hasResourceProperties('AWS::SecretsManager::Secret', {
      SecretString: Match.absent(),
      GenerateSecretString: Match.absent(),
    });
    expect(JSON.stringify([gateway.toJSON(), data.toJSON()])).not.toMatch(/hg_[\w-]{20}|sk-\w{8}/);
  });

  it("has Stripe's webhook, its function and its secret only when billing is configured", () => {
    expect(JSON.stringify(gateway.toJSON())).not.toMatch(/[Ss]tripe/);
    const withBilling = synthesise(false, true).gateway;
    withBilling.resourceCountIs('AWS::SecretsManager::Secret', 2);
    withBilling.hasResourceProperties('AWS::ApiGateway::Resource', { PathPart: 'stripe' });
  });

  it('can be deployed where answers cannot stream', () => {
    const buffered = synthesise(true).gateway;
    const methods = Object.values(buffered.findResources('AWS::ApiGateway::Method'));
    expect(methods.every(({ Properties }) => Properties.Integration.ResponseTransferMode === 'BUFFERED')).toBe(true);
  });
});

describe('the state machines', () => {
  const definitionOf = (type: string) => {
    const [machine] = Object.values(
      gateway.findResources('AWS::StepFunctions::StateMachine', { Properties: { StateMachineType: type } }),
    );
    return machine?.Properties;
  };

  it.each([
    ['EXPRESS', 'fallback.asl.json'],
    ['STANDARD', 'job.asl.json'],
  ])('of type %s is %s as the local gateway interprets it, and logs no data', (type, file) => {
    const { DefinitionString, LoggingConfiguration, TracingConfiguration } = definitionOf(type);
    const written = readFileSync(join(import.meta.dirname, '../../lambda/workflow', file), 'utf8');
    expect(JSON.parse(DefinitionString)).toEqual(JSON.parse(written));
    expect(LoggingConfiguration).toMatchObject({ IncludeExecutionData: false, Level: 'ALL' });
    expect(TracingConfiguration).toEqual({ Enabled: true });
  });

  it('lets CloudWatch of this account tell the alert topic, over TLS only', () => {
    gateway.hasResourceProperties('AWS::SNS::TopicPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
          Match.objectLike({
            Effect: 'Allow',
            Action: 'sns:Publish',
            Principal: { Service: 'cloudwatch.amazonaws.com' },
            Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
          }),
        ]),
      },
    });
  });

  it('hands the text of a budget alert on the event bus to the alert topic', () => {
    gateway.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: { source: ['headgate'], 'detail-type': ['Budget alert'] },
      Targets: [Match.objectLike({ Arn: { Ref: Match.stringLikeRegexp('Alerts') }, InputPath: '$.detail.text' })],
    });
  });
});
