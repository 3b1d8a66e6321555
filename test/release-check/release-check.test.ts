import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { awsReleasePorts } from '../../lambda/release-check/aws.ts';
import { releaseCheckOf } from '../../lambda/release-check/checks.ts';
import { checkRelease, type NewVersion } from '../../lambda/release-check/handler.ts';
import { answerReleaseCheck, isReleaseCheck } from '../../lambda/release-check/task.ts';
import { FUNCTIONS, type FunctionName } from '../../lambda/routes.ts';
import { type GatewayUnderTest, startGatewayUnderTest } from '../api/gateway-under-test.ts';

interface ProxyEvent {
  httpMethod: string;
  path: string;
  headers: Record<string, string>;
  body: string | null;
}

let gateway: GatewayUnderTest;
beforeAll(async () => {
  gateway = await startGatewayUnderTest({ overrides: { billing: { stripe: { tierByPrice: {} } } } });
});
afterAll(() => gateway.close());

/** The payload of the function's answer to its check, from the handlers of a gateway that runs. */
async function answerOf(name: FunctionName, more: Partial<ProxyEvent> = {}): Promise<string> {
  const { httpMethod, path, headers, body } = { ...(releaseCheckOf(name).event as ProxyEvent), ...more };
  const response = await fetch(gateway.url + path, { method: httpMethod, headers, body });
  return JSON.stringify({ statusCode: response.status, body: await response.text() });
}

describe('the check of each function', () => {
  it.each(Object.keys(FUNCTIONS) as FunctionName[])('passes with the %s that runs', async (name) => {
    expect(releaseCheckOf(name).isGood(await answerOf(name))).toBe(true);
  });

  it('passes with a streamed answer that is fetched whole', () => {
    const body = JSON.stringify({ error: { code: 'invalid_api_key' } });
    const streamed = `{"statusCode":401,"headers":{}}${'\0'.repeat(8)}${body}`;
    expect(releaseCheckOf('chat').isGood(streamed)).toBe(true);
  });

  it.each([
    ['the store does not answer', '{"statusCode":503,"body":"{\\"error\\":{\\"code\\":\\"store_unavailable\\"}}"}'],
    ['anybody is let in', '{"statusCode":200,"body":"{}"}'],
    ['the refusal is another one', '{"statusCode":401,"body":"{\\"error\\":{\\"code\\":\\"other\\"}}"}'],
    ['the answer is none', 'null'],
    ['the answer is no JSON', '<html>'],
  ])('fails when %s', (_, payload) => {
    expect(releaseCheckOf('chat').isGood(payload)).toBe(false);
    expect(releaseCheckOf('attempt').isGood(payload)).toBe(false);
    expect(releaseCheckOf('embed').isGood(payload)).toBe(false);
  });

  it('of functions without a route passes once all they need has answered', async () => {
    const { event, isGood } = releaseCheckOf('attempt');
    expect(isReleaseCheck(event)).toBe(true);
    expect(isGood(JSON.stringify(await answerReleaseCheck(async () => undefined)))).toBe(true);
    const down = async () => {
      throw new Error('The table is away.');
    };
    await expect(answerReleaseCheck(async () => undefined, down)).rejects.toThrow('The table is away.');
  });
});

interface AwsCall {
  url: string;
  headers: IncomingHttpHeaders;
  body: string;
}

let aws: Server;
let calls: AwsCall[] = [];
let answer: (call: AwsCall) => { status: number; body: string; headers?: Record<string, string> };
beforeAll(async () => {
  aws = createServer(async (request, response) => {
    const call = { url: request.url ?? '', headers: request.headers, body: await text(request) };
    calls.push(call);
    const { status, body, headers = {} } = answer(call);
    response.writeHead(status, headers).end(body);
  });
  await new Promise<void>((resolve) => {
    aws.listen(0, '127.0.0.1', resolve);
  });
});
afterAll(() => new Promise((resolve) => aws.close(resolve)));
beforeEach(() => {
  calls = [];
});

const VERSIONS: NewVersion[] = [
  { name: 'health', arn: 'arn:aws:lambda:eu-central-1:111122223333:function:Health:7' },
  { name: 'models', arn: 'arn:aws:lambda:eu-central-1:111122223333:function:Models:3' },
];

const HEALTHY = '{"statusCode":200,"body":"{}"}';
const REFUSING = '{"statusCode":401,"body":"{\\"error\\":{\\"code\\":\\"invalid_api_key\\"}}"}';

/** Runs the hook of a release; what CodeDeploy was told, and the lines of the log. */
async function release(): Promise<{ told: unknown; lines: string[] }> {
  const { port } = aws.address() as AddressInfo;
  const identity = {
    region: async () => 'eu-central-1',
    credentials: async () => ({ accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' }),
  };
  const lines: string[] = [];
  const ports = {
    ...awsReleasePorts(identity as never, 'eu-central-1', `http://127.0.0.1:${port}`),
    versions: VERSIONS,
    log: (name: string, isGood: boolean, error: string | undefined) => lines.push(`${name} ${isGood} ${error}`),
  };
  await checkRelease(ports, { DeploymentId: 'd-1', LifecycleEventHookExecutionId: 'e-1' });
  const last = calls.find(({ headers }) => headers['x-amz-target'] !== undefined);
  expect(last?.headers['x-amz-target']).toBe('CodeDeploy_20141006.PutLifecycleEventHookExecutionStatus');
  expect(last?.headers.authorization).toContain('/eu-central-1/codedeploy/aws4_request');
  return { told: JSON.parse(last?.body ?? 'null'), lines };
}

const told = (status: string) => ({ deploymentId: 'd-1', lifecycleEventHookExecutionId: 'e-1', status });

describe('before its traffic shifts, a release', () => {
  it('asks each new version itself, and lets the traffic come when all are good', async () => {
    answer = ({ url }) => ({ status: 200, body: url.includes('Health') ? HEALTHY : REFUSING });
    expect(await release()).toEqual({
      told: told('Succeeded'),
      lines: ['health true undefined', 'models true undefined'],
    });
    const invoked = calls.filter(({ url }) => url.startsWith('/2015-03-31/functions/'));
    expect(invoked.map(({ url }) => decodeURIComponent(url.split('/')[3] ?? '')).sort()).toEqual(
      VERSIONS.map(({ arn }) => arn).sort(),
    );
    for (const { headers } of invoked) expect(headers.authorization).toContain('/eu-central-1/lambda/aws4_request');
  });

  it('is held as a whole when one version is not', async () => {
    answer = ({ url }) => ({ status: 200, body: url.includes('Health') ? HEALTHY : '{"statusCode":500,"body":""}' });
    expect(await release()).toMatchObject({ told: told('Failed') });
  });

  it('is held when a version throws, and its text is not repeated', async () => {
    const headers = { 'x-amz-function-error': 'Unhandled' };
    answer = ({ url }) =>
      url.includes('Health')
        ? { status: 200, headers, body: '{"errorMessage":"Cannot find package of hg_secret"}' }
        : { status: 200, body: REFUSING };
    const { told: status, lines } = await release();
    expect(status).toEqual(told('Failed'));
    expect(lines).toContain('health false the function ended with an error (Unhandled)');
    expect(lines.join()).not.toContain('hg_secret');
  });

  it('is held when Lambda itself refuses', async () => {
    answer = ({ headers }) => (headers['x-amz-target'] ? { status: 200, body: '{}' } : { status: 429, body: '{}' });
    expect(await release()).toMatchObject({ told: told('Failed') });
  });
});
