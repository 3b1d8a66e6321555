import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { describedStack, type FakeAws, startFakeAws } from './fake-aws.ts';
import { runCommand } from './run-command.ts';

const ARN = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:ProviderKeys-1';

let aws: FakeAws;
/** What the secret holds; undefined while nobody has filled it. */
let secret: string | undefined;
let hasStack = true;
beforeAll(async () => {
  aws = await startFakeAws(({ operation, body }) => {
    if (operation === 'DescribeStacks') {
      if (hasStack && new URLSearchParams(body).get('StackName') === 'Headgate')
        return describedStack({ ProviderSecret: ARN });
      const error = '<Error><Code>ValidationError</Code><Message>Stack does not exist</Message></Error>';
      return { status: 400, body: `<ErrorResponse>${error}</ErrorResponse>`, type: 'text/xml' };
    }
    if (operation === 'GetSecretValue') {
      expect(JSON.parse(body).SecretId).toBe(ARN);
      if (secret !== undefined) return { body: JSON.stringify({ SecretString: secret }) };
      return { status: 400, body: '{"__type":"ResourceNotFoundException"}' };
    }
    if (operation !== 'PutSecretValue') return undefined;
    secret = JSON.parse(body).SecretString;
    return { body: '{}' };
  });
});
afterAll(() => aws.close());
beforeEach(() => {
  secret = undefined;
  hasStack = true;
});

const run = (parameters: string[], input?: string) => runCommand('secrets.ts', parameters, aws.environment, input);

const OLD = 'sk-old-0123456789';
const NEW = 'sk-new-0123456789';

describe('npm run secrets', () => {
  it('sets a key from a pipe, beside those that are there, and shows it nowhere', async () => {
    const first = await run(['set', 'openai'], `${OLD}\n`);
    expect(first).toEqual({ code: 0, output: 'openai: set\n' });
    expect(await run(['set', 'groq'], 'gsk_1')).toMatchObject({ code: 0 });
    expect(await run(['set', 'openai'], NEW)).toEqual({ code: 0, output: 'openai: replaced\n' });
    expect(JSON.parse(secret ?? '')).toEqual({ openai: NEW, groq: 'gsk_1' });
  });

  it('lists providers, never keys', async () => {
    expect(await run(['list'])).toEqual({ code: 0, output: 'No provider has a key.\n' });
    secret = JSON.stringify({ openai: OLD, anthropic: NEW });
    expect(await run(['list'])).toEqual({ code: 0, output: 'anthropic\nopenai\n' });
  });

  it('removes a key, and leaves the others', async () => {
    secret = JSON.stringify({ openai: OLD, anthropic: NEW });
    expect(await run(['remove', 'openai'])).toEqual({ code: 0, output: 'openai: removed\n' });
    expect(JSON.parse(secret)).toEqual({ anthropic: NEW });
    expect(await run(['remove', 'openai'])).toMatchObject({ code: 1, output: 'This provider has no key.\n' });
  });

  it('takes no key as an argument, and does not repeat it', async () => {
    const refused = await run(['set', 'openai', OLD]);
    expect(refused.code).toBe(1);
    expect(refused.output).toContain('Keys are never arguments');
    expect(refused.output).not.toContain(OLD);
    expect(secret).toBeUndefined();
  });

  it.each([
    ['nothing', ''],
    ['two lines', `${OLD}\n${NEW}`],
    ['a phrase', 'my key'],
    ['a letter outside of ASCII', 'sk-ä'],
  ])('refuses %s for a key', async (_, input) => {
    const { code, output } = await run(['set', 'openai'], input);
    expect([code, output]).toEqual([1, 'A key is one line without spaces. Nothing was changed.\n']);
    expect(secret).toBeUndefined();
  });

  it('refuses a provider that is not configured, and says which are', async () => {
    const { code, output } = await run(['set', 'openia'], OLD);
    expect(code).toBe(1);
    expect(output).toContain('There is no provider "openia". Those are anthropic, azure,');
  });

  it('overwrites nothing that it does not understand, and shows nothing of it', async () => {
    secret = `openai=${OLD}`;
    const { code, output } = await run(['set', 'openai'], NEW);
    expect(code).toBe(1);
    expect(output).toContain('no JSON object');
    expect(output).not.toContain(OLD);
    expect(secret).toBe(`openai=${OLD}`);
  });

  it('says what to do when nothing is deployed, and looks where the stage is', async () => {
    hasStack = false;
    expect((await run(['list'])).output).toBe(
      'There is no stack Headgate in this account and region. Deploy first: npm run deploy\n',
    );
    expect((await run(['list', '--stage', 'prod'])).output).toContain('There is no stack HeadgateProd');
    expect((await run(['list', '--stack', 'Mine'])).output).toContain('There is no stack Mine');
  });

  it('explains itself', async () => {
    for (const parameters of [[], ['toString'], ['help']]) {
      const { code, output } = await run(parameters);
      expect([code, output.split('\n')[0]]).toEqual([
        2,
        'npm run secrets -- <command> [--stage <stage>] [--stack <name>]',
      ]);
    }
  });
});
