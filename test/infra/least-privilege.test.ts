import { describe, expect, it } from 'vitest';
import { firstPosition } from '../../lambda/workflow/run-ports.ts';
import { synthesise } from './synthesise.ts';

const HOT_TIER = { maximumGigabytes: 1, maximumEcpuPerSecond: 1_000 };
const { gateway, data } = synthesise(false, true, { hotTier: HOT_TIER, releases: 'canary' }, { isOn: true });
const functions = Object.entries(gateway.findResources('AWS::Lambda::Function')).map(
  ([id, { Properties }]) => [id.replace(/Function[0-9A-F]{8}$/, ''), Properties] as const,
);
const names = functions.map(([name]) => name);

interface Statement {
  Effect: 'Allow' | 'Deny';
  Action: string | string[];
  Resource: unknown;
  Condition?: Record<string, Record<string, unknown>>;
}

function allowed(name: string): Statement[] {
  return Object.entries(gateway.findResources('AWS::IAM::Policy'))
    .filter(([id]) => new RegExp(`^${name}(Function)?Role`).test(id))
    .flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement as Statement[])
    .filter(({ Effect }) => Effect === 'Allow');
}

/** Those whose role allows one of these actions on a resource; `partitionKey` for those bound to items that begin so. */
function whoMay(actions: readonly string[], resource: RegExp, partitionKey?: string): string[] {
  return names.filter((name) =>
    allowed(name).some(({ Action, Resource, Condition }) => {
      const isMeant = [Action].flat().some((action) => actions.includes(action) || action.includes('*'));
      const isThere = resource.test(JSON.stringify(Resource)) || JSON.stringify(Resource).includes('"*"');
      const bound = Condition?.['ForAllValues:StringLike']?.['dynamodb:LeadingKeys'] as string[] | undefined;
      const reaches = partitionKey === undefined || bound === undefined || bound.some((key) => key === partitionKey);
      return isMeant && isThere && reaches;
    }),
  );
}

const READS = ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query', 'dynamodb:Scan'];
const WRITES = ['dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem', 'dynamodb:BatchWriteItem'];
const SECRET = ['secretsmanager:GetSecretValue', 'secretsmanager:PutSecretValue', 'secretsmanager:BatchGetSecretValue'];

describe('among all functions', () => {
  it('only chats and steps of plans may read the keys of providers, as only they call providers', () => {
    expect(whoMay(SECRET, /ProviderKeys/)).toEqual(['Attempt', 'Chat']);
    expect(whoMay(['secretsmanager:PutSecretValue'], /./)).toEqual([]);
  });

  it('only the webhook of Stripe may read the secret that it is signed with', () => {
    expect(whoMay(SECRET, /StripeSecret/)).toEqual(['Billing']);
  });

  it('only admins and Stripe may change accounts and keys', () => {
    expect(whoMay(WRITES, /AccountsTable/)).toEqual(['Admin', 'Billing']);
  });

  it('only those that need an account itself may read one, or the secret its webhooks are signed with', () => {
    expect(whoMay(READS, /AccountsTable/, 'account#*').sort()).toEqual([
      'Admin',
      'Billing',
      'Jobs',
      'Sweep',
      'Webhook',
    ]);
  });

  it('only chats, their steps, jobs, the sweep and scores may write to the ledger; usage may order to erase', () => {
    expect(whoMay(WRITES, /UsageTable/).sort()).toEqual(['Attempt', 'Chat', 'Feedback', 'Jobs', 'Sweep', 'Usage']);
    expect(whoMay(WRITES, /UsageTable/, 'events#*').sort()).toEqual(['Attempt', 'Chat', 'Feedback', 'Jobs', 'Sweep']);
    expect(whoMay(['dynamodb:DeleteItem'], /UsageTable/)).toEqual(['Sweep']);
  });

  it('usage and the export read the ledger, and no keys but to look up their caller', () => {
    for (const name of ['Usage', 'Export']) {
      expect(whoMay(SECRET, /./)).not.toContain(name);
      expect(whoMay(READS, /AccountsTable/, 'account#*')).not.toContain(name);
      expect(whoMay(WRITES, /TrafficTable/)).not.toContain(name);
    }
    // Conversations and scores have their end user beside them, so they belong into an export.
    expect(whoMay(READS, /TrafficTable/)).not.toContain('Usage');
    expect(whoMay(WRITES, /./)).not.toContain('Export');
  });

  it('health writes nothing anywhere, and invokes and starts nothing', () => {
    expect(whoMay(WRITES, /./)).not.toContain('Health');
    const verbs = ['lambda:InvokeFunction', 'states:StartExecution', 'states:StartSyncExecution', 'sns:Publish'];
    expect(whoMay([...verbs, ...SECRET, 'events:PutEvents'], /./)).not.toContain('Health');
  });

  it('only those that run plans may start a machine, and only machines may call what takes their steps', () => {
    expect(whoMay(['states:StartSyncExecution'], /MachinesFallback/)).toEqual(['Chat']);
    expect(whoMay(['states:StartExecution'], /MachinesJob/)).toEqual(['Jobs']);
    expect(whoMay(['lambda:InvokeFunction'], /"AttemptLive/)).toEqual([]);
  });

  it('nobody may change tables, roles, functions or policies', () => {
    for (const name of names) {
      const actions = allowed(name).flatMap(({ Action }) => Action);
      const own = [/^dynamodb:(Create|Delete|Update)Table/, /^iam:/, /^lambda:(?!InvokeFunction)/, /^kms:(Put|Create)/];
      expect(actions.filter((action) => own.some((pattern) => pattern.test(action)))).toEqual([]);
    }
  });
});

/** Actions that have no resource to name, and why. All others name theirs. */
const WITHOUT_RESOURCE: Readonly<Record<string, string>> = {
  'xray:PutTraceSegments': 'a trace belongs to nobody',
  'xray:PutTelemetryRecords': 'a trace belongs to nobody',
  'xray:GetSamplingRules': 'rules are of the account',
  'xray:GetSamplingTargets': 'rules are of the account',
  'logs:CreateLogDelivery': 'a delivery has no ARN (Step Functions guide, "logging")',
  'logs:GetLogDelivery': 'a delivery has no ARN',
  'logs:UpdateLogDelivery': 'a delivery has no ARN',
  'logs:DeleteLogDelivery': 'a delivery has no ARN',
  'logs:ListLogDeliveries': 'a list',
  'logs:PutResourcePolicy': 'a policy of the account',
  'logs:DescribeResourcePolicies': 'a list',
  'logs:DescribeLogGroups': 'a list',
};

/** Resources that end in a star, and why. */
const WIDE_RESOURCES: readonly [RegExp, string][] = [
  [
    /^\{"Fn::Join":\["",\[\{"Fn::GetAtt":\["Check\w+","Arn"\]\},":\*"\]\]\}$/,
    'CodeDeploy invokes a hook in any version',
  ],
];

describe('wildcards', () => {
  const statements = Object.values(gateway.findResources('AWS::IAM::Policy')).flatMap(
    ({ Properties }) => Properties.PolicyDocument.Statement as Statement[],
  );

  it('are in no action', () => {
    expect(statements.flatMap(({ Action }) => Action).filter((action) => action.includes('*'))).toEqual([]);
  });

  it('stand for a resource only where there is none to name, and each has its reason here', () => {
    const wide = statements.filter(({ Resource }) => [Resource].flat().includes('*')).flatMap(({ Action }) => Action);
    expect(wide.filter((action) => !(action in WITHOUT_RESOURCE))).toEqual([]);
    const partly = statements
      .flatMap(({ Resource }) => [Resource].flat())
      .map((resource) => JSON.stringify(resource))
      .filter((resource) => resource.includes('*') && resource !== '"*"');
    expect(partly.filter((resource) => !WIDE_RESOURCES.some(([pattern]) => pattern.test(resource)))).toEqual([]);
  });
});

describe('secrets', () => {
  it('are in no template: the functions get the name of a secret, and its value by their role', () => {
    for (const template of [gateway, data]) {
      const text = JSON.stringify(template.toJSON());
      expect(
        ['SecretString', 'GenerateSecretString', 'resolve:secretsmanager'].filter((one) => text.includes(one)),
      ).toEqual([]);
    }
    const variables = functions.flatMap(([, { Environment }]) => Object.keys(Environment?.Variables ?? {}));
    const suspicious = [...new Set(variables)].filter((name) => /KEY|SECRET|TOKEN|PASSWORD/.test(name));
    expect(suspicious.sort()).toEqual(['PROVIDER_SECRET_ARN', 'STRIPE_SECRET_ARN']);
  });

  it('are in no input of a state machine: it says where a run is, and nothing of what it is about', () => {
    const run = { caller: { account: 'acme' }, requestId: 'r', request: { body: 'a prompt' } };
    expect(Object.keys(firstPosition('chat', run as never, 0, 0)).sort()).toEqual(
      ['kind', 'account', 'requestId', 'verdict', 'waitSeconds', 'restMs', 'step', 'round', 'visit'].sort(),
    );
  });
});

describe('TLS', () => {
  it('is asked of whoever uses a table, or the topic', () => {
    const policies = [gateway, data].flatMap((template) =>
      Object.values(template.findResources('AWS::DynamoDB::GlobalTable')).map(
        ({ Properties }) => Properties.Replicas[0].ResourcePolicy?.PolicyDocument,
      ),
    );
    const [topic] = Object.values(gateway.findResources('AWS::SNS::TopicPolicy'));
    expect(policies).toHaveLength(4);
    for (const policy of [...policies, topic?.Properties.PolicyDocument]) {
      const denies = policy.Statement.filter(({ Effect }: Statement) => Effect === 'Deny');
      expect(denies).toEqual([expect.objectContaining({ Condition: { Bool: { 'aws:SecureTransport': 'false' } } })]);
    }
  });
});
