import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type GatewayUnderTest, startGatewayUnderTest } from '../api/gateway-under-test.ts';
import { type AwsAnswer, type AwsRequest, describedStack, type FakeAws, startFakeAws } from './fake-aws.ts';
import { runCommand } from './run-command.ts';

const PROVIDER_KEY = 'sk-provider-key-0123456789';
const TOPIC = 'arn:aws:sns:eu-central-1:111122223333:Alerts';

const xml = (body: string): AwsAnswer => ({ body, type: 'text/xml' });
const json = (body: object): AwsAnswer => ({ body: JSON.stringify(body) });

/** What a sound account with a sound deployment answers, by service and operation or path. */
const SOUND: Record<string, () => AwsAnswer> = {
  'sts GetCallerIdentity': () => xml('<Arn>arn:aws:iam::111122223333:user/ops</Arn><Account>111122223333</Account>'),
  'ssm GetParameter': () => json({ Parameter: { Value: '28' } }),
  'lambda /2016-08-19/account-settings': () => json({ AccountLimit: { ConcurrentExecutions: 1_000 } }),
  'apigateway /restapis?limit=1': () => json({ item: [] }),
  'bedrock /foundation-model-availability/openai.gpt-oss-120b-1:0': () => json(AVAILABLE),
  'bedrock /foundation-model-availability/openai.gpt-oss-20b-1:0': () => json(AVAILABLE),
  'cloudformation DescribeStacks': () =>
    describedStack({ Url: `${gateway.url}/`, ProviderSecret: 'arn:secret', AlertTopic: TOPIC }),
  'secretsmanager GetSecretValue': () => json({ SecretString: JSON.stringify({ openai: PROVIDER_KEY }) }),
  'monitoring DescribeAlarms': () =>
    xml(
      '<AlarmName>Headgate-ErrorRate</AlarmName><StateValue>OK</StateValue><AlarmName>Headgate-Degraded</AlarmName><StateValue>OK</StateValue>',
    ),
  'sns ListSubscriptionsByTopic': () => xml(`<SubscriptionArn>${TOPIC}:1</SubscriptionArn>`),
};

const AVAILABLE = {
  authorizationStatus: 'AUTHORIZED',
  entitlementAvailability: 'AVAILABLE',
  regionAvailability: 'AVAILABLE',
};

let aws: FakeAws;
let gateway: GatewayUnderTest;
let answers: typeof SOUND = SOUND;
let key = '';
beforeAll(async () => {
  gateway = await startGatewayUnderTest({ tokenMs: 20 });
  ({ key } = await gateway.newCaller({ tier: 'pro' }));
  aws = await startFakeAws(({ service, operation, path }: AwsRequest) =>
    (answers[`${service} ${operation}`] ?? answers[`${service} ${path}`])?.(),
  );
});
afterAll(async () => {
  await gateway.close();
  await aws.close();
});
beforeEach(() => {
  answers = SOUND;
});

/** The lines the doctor prints, without what to do, and its exit code. */
async function doctor(parameters: string[], environment: Record<string, string> = {}) {
  const { code, output } = await runCommand('doctor.ts', parameters, { ...aws.environment, ...environment });
  for (const secret of [PROVIDER_KEY, key, 'an-aws-secret-access-key']) expect(output).not.toContain(secret);
  const lines = output.split('\n').filter((line) => /^(pass|fail|unknown)/.test(line));
  return { code, output, lines, failed: lines.filter((line) => line.startsWith('fail')) };
}

describe('npm run doctor -- before', () => {
  it('passes where a deployment can begin', async () => {
    const { code, lines } = await doctor(['before']);
    expect(lines).toEqual([
      expect.stringMatching(/^pass {4}Node\.js 24/),
      'pass    stage dev: its options go together',
      'pass    credentials of account 111122223333, region eu-central-1',
      'pass    bootstrap version 28',
      'pass    1000 functions at once in this account and region',
      'pass    API Gateway is here; that answers stream through it is seen after the deployment',
      'pass    Bedrock: openai.gpt-oss-120b-1:0 in us-east-1',
      'pass    Bedrock: openai.gpt-oss-20b-1:0 in us-east-1',
    ]);
    expect(code).toBe(0);
    // Each in the region where it is asked about.
    const asked = aws.requests.find(({ service }) => service === 'bedrock');
    expect(asked?.headers.authorization).toContain('/us-east-1/bedrock/aws4_request');
  });

  it.each<[string, Record<string, () => AwsAnswer>, string, string]>([
    [
      'no bootstrap',
      { 'ssm GetParameter': () => ({ status: 400, body: '{"__type":"ParameterNotFound"}' }) },
      'fail    bootstrap: there is none here',
      'npx cdk bootstrap',
    ],
    [
      'an old bootstrap',
      { 'ssm GetParameter': () => json({ Parameter: { Value: '5' } }) },
      'fail    bootstrap version 5',
      'npx cdk bootstrap',
    ],
    [
      'a new account',
      { 'lambda /2016-08-19/account-settings': () => json({ AccountLimit: { ConcurrentExecutions: 10 } }) },
      'fail    10 functions at once in this account and region',
      'Service Quotas',
    ],
    [
      'a model that is not open',
      {
        'bedrock /foundation-model-availability/openai.gpt-oss-20b-1:0': () =>
          json({ ...AVAILABLE, entitlementAvailability: 'NOT_AVAILABLE' }),
      },
      'fail    Bedrock: openai.gpt-oss-20b-1:0 in us-east-1',
      'Ask for access in the Bedrock console',
    ],
  ])('fails for %s, and says what to do', async (_, more, line, todo) => {
    answers = { ...SOUND, ...more };
    const { code, output, failed } = await doctor(['before']);
    expect(failed).toEqual([line]);
    expect(output).toContain(todo);
    expect(code).toBe(1);
  });

  it('does not know what it may not see, and repeats no text of an answer', async () => {
    const denied = () => ({ status: 403, body: `{"__type":"AccessDeniedException","message":"${PROVIDER_KEY}"}` });
    answers = { ...SOUND, 'ssm GetParameter': denied };
    const { code, lines } = await doctor(['before']);
    expect(lines).toContain('unknown bootstrap: ssm answers 403 AccessDeniedException');
    expect(code).toBe(0);
  });

  it('fails without a region, and without credentials', async () => {
    const { failed } = await doctor(['before'], { AWS_REGION: '' });
    expect(failed).toEqual(['fail    credentials: no AWS region is set']);
    const nobody = { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '', AWS_EC2_METADATA_DISABLED: 'true' };
    expect((await doctor(['before'], nobody)).failed).toEqual(['fail    credentials: there are none for AWS']);
  });
});

describe('npm run doctor -- after', () => {
  it('passes where a deployment works, with a real chat that comes in pieces', async () => {
    const { code, lines } = await doctor(['after'], { HEADGATE_KEY: key });
    expect(lines).toEqual([
      `pass    health: ${gateway.url} is healthy`,
      expect.stringMatching(/^pass {4}chat: \S+\/\S+ answered in \d+ ms$/),
      expect.stringMatching(/^pass {4}stream: \d+ pieces, the first after \d+ ms$/),
      'pass    secrets: there are keys of openai',
      expect.stringMatching(/^unknown secrets: no key for anthropic, /),
      'pass    alarms: 2 are there',
      'pass    alert topic: 1 subscribed',
    ]);
    expect(code).toBe(0);
  });

  it('tries no chat without a key, and says so; fails with a wrong one', async () => {
    expect((await doctor(['after'])).lines).toContain('unknown chat: not tried');
    const wrong = await doctor(['after'], { HEADGATE_KEY: 'hg_wrong' });
    expect(wrong.failed).toEqual(['fail    chat: 401 invalid_api_key']);
    expect(wrong.output).not.toContain('hg_wrong');
    expect(wrong.code).toBe(1);
  });

  it.each<[string, Record<string, () => AwsAnswer>, string, string]>([
    [
      'the default model without a key',
      { 'secretsmanager GetSecretValue': () => ({ status: 400, body: '{"__type":"ResourceNotFoundException"}' }) },
      'fail    secrets: openai, of the default model, has no key',
      'npm run secrets -- set openai',
    ],
    [
      'an alarm that is on',
      {
        'monitoring DescribeAlarms': () =>
          xml('<AlarmName>Headgate-ErrorRate</AlarmName><StateValue>ALARM</StateValue>'),
      },
      'fail    alarms: Headgate-ErrorRate',
      'docs/runbook.md',
    ],
    ['no alarms', { 'monitoring DescribeAlarms': () => xml('') }, 'fail    alarms: there are none', 'monitoring: true'],
    [
      'a topic that nobody listens to',
      { 'sns ListSubscriptionsByTopic': () => xml('') },
      'fail    alert topic: nobody listens',
      'subscribe',
    ],
    [
      'a mail that nobody confirmed',
      { 'sns ListSubscriptionsByTopic': () => xml('<SubscriptionArn>PendingConfirmation</SubscriptionArn>') },
      'fail    alert topic: nobody has confirmed',
      'confirm the mail',
    ],
  ])('fails for %s, and says what to do', async (_, more, line, todo) => {
    answers = { ...SOUND, ...more };
    const { failed, output, code } = await doctor(['after']);
    expect(failed).toEqual([line]);
    expect(output).toContain(todo);
    expect(code).toBe(1);
  });

  it('fails where nothing answers', async () => {
    answers = { ...SOUND, 'cloudformation DescribeStacks': () => describedStack({ Url: 'http://127.0.0.1:1/' }) };
    const { lines } = await doctor(['after'], { HEADGATE_URL: `${gateway.url}/nowhere` });
    expect(lines[0]).toBe(`fail    health: ${gateway.url}/nowhere answers 404`);
  });

  it('explains itself', async () => {
    const { code, output } = await runCommand('doctor.ts', ['during'], aws.environment);
    expect([code, output.split('\n')[0]]).toEqual([
      2,
      'npm run doctor -- [before|after] [--stage <stage>] [--stack <name>]',
    ]);
  });
});
