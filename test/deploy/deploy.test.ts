import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient, ListTablesCommand, paginateScan } from '@aws-sdk/client-dynamodb';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apiKeyId, hashApiKey } from '../../lambda/core/api-key.ts';
import { listen, stop } from '../../local/listen.ts';
import { simulatedProvider } from '../../local/simulated/provider.ts';
import { bodyOf } from '../api/gateway-under-test.ts';
import { SIMULATED_PROVIDER_PORT } from './emulator.configuration.ts';

/**
 * The real CDK command line deploys both stacks to the AWS endpoint in AWS_ENDPOINT_URL, and the deployed URL is used. On
 * an emulator that cannot stream through API Gateway the stack is deployed with `-c bufferedAnswers=true`: what is then
 * not checked is that pieces of a stream arrive one by one.
 */
const ROOT = join(import.meta.dirname, '../..');
const ENDPOINT = process.env.AWS_ENDPOINT_URL;
const folder = mkdtempSync(join(tmpdir(), 'headgate-deploy-'));

let provider: Server;
let outputs: Record<string, string>;
let baseUrl: string;
let key: string;
let client: OpenAI;

function run(command: string, ...parameters: string[]): string {
  return runWith('', command, ...parameters);
}

function runWith(input: string, command: string, ...parameters: string[]): string {
  const bin = join(ROOT, 'node_modules/.bin', command);
  const env = { ...process.env, HEADGATE_CONFIG: join(import.meta.dirname, 'emulator.configuration.ts') };
  return execFileSync(bin, parameters, { cwd: ROOT, encoding: 'utf8', env, input, stdio: 'pipe' });
}

/** Emulators serve a deployed API under a path of their own address. */
function apiUrl(url: string): string {
  const [, id] = url.match(/^https:\/\/([^.]+)\.execute-api/) ?? [];
  return ENDPOINT ? `${ENDPOINT}/restapis/${id}/live/_user_request_` : url.replace(/\/$/, '');
}

beforeAll(async () => {
  if (!ENDPOINT)
    throw new Error('Set AWS_ENDPOINT_URL, AWS_REGION and credentials for the endpoint. .ci/run shows how.');
  provider = simulatedProvider({ firstTokenMs: 0, tokenMs: 0 });
  await listen(provider, SIMULATED_PROVIDER_PORT);
  run('cdk', 'bootstrap', '--ci', '--no-notices');
  const file = join(folder, 'outputs.json');
  run(
    'cdk',
    'deploy',
    '--all',
    '--require-approval',
    'never',
    '--ci',
    '--no-notices',
    '-c',
    'bufferedAnswers=true',
    // The emulator knows no composite alarms and no saved queries.
    '-c',
    'monitoring=false',
    '--outputs-file',
    file,
  );
  outputs = JSON.parse(readFileSync(file, 'utf8')).Headgate;
  baseUrl = apiUrl(outputs.Url ?? '');
  expect(runWith('sk-simulated\n', 'node', 'bin/secrets.ts', 'set', 'openai')).toBe('openai: set\n');
  key = run('node', 'bin/keys.ts', 'bootstrap', '--account', 'acme').trim();
  client = new OpenAI({ apiKey: key, baseURL: `${baseUrl}/v1`, maxRetries: 0 });
});

afterAll(async () => {
  await stop(provider);
  rmSync(folder, { recursive: true });
});

const hello = [{ role: 'user' as const, content: 'Hello, cloud!' }];

describe('the deployed gateway', () => {
  it('is healthy', async () => {
    const response = await fetch(`${baseUrl}/v2/health`);
    expect(response.status).toBe(200);
    const health = await bodyOf(response);
    expect(health).toMatchObject({ status: 'healthy', dependencies: { dynamodb: 'healthy' } });
    expect(health.models['openai/gpt-4o']).toBe('healthy');
  });

  it('answers the openai client with the first key, and writes one usage event', async () => {
    const { data, response } = await client.chat.completions
      .create({ model: 'gpt-4o-mini', messages: hello })
      .withResponse();
    expect(data.choices[0]?.message.content).toContain('Hello, cloud!');
    const requestId = response.headers.get('x-headgate-request-id');
    expect(Number(response.headers.get('x-headgate-cost-usd'))).toBeGreaterThan(0);
    const database = new DynamoDBClient();
    const { TableNames = [] } = await database.send(new ListTablesCommand({}));
    const name = TableNames.find((candidate) => candidate.includes('UsageTable'));
    const items: unknown[] = [];
    for await (const page of paginateScan({ client: database }, { TableName: name })) items.push(...(page.Items ?? []));
    const own = items.filter((item) => JSON.stringify(item).includes(requestId ?? 'none'));
    expect(own).toHaveLength(1);
    expect(own[0]).toMatchObject({ account: { S: 'acme' }, outcome: { S: 'answered' } });
  });

  it('answers a stream as events with usage', async () => {
    const stream = await client.chat.completions.create({
      model: 'gpt-4o-mini',
      messages: hello,
      stream: true,
      stream_options: { include_usage: true },
    });
    let content = '';
    let usage: unknown;
    for await (const chunk of stream) {
      content += chunk.choices[0]?.delta.content ?? '';
      usage = chunk.usage ?? usage;
    }
    expect(content).toContain('Hello, cloud!');
    expect(usage).toMatchObject({ cost_usd: expect.any(Number) });
  });

  it('speaks /v2/chat and lists its models', async () => {
    const response = await fetch(`${baseUrl}/v2/chat`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ messages: hello }),
    });
    // The same was asked before, by another client and on another wire.
    expect(await response.json()).toMatchObject({ model: 'openai/gpt-4o-mini', cached: true, cost: 0, attempts: 0 });
    expect((await client.models.list()).data.length).toBeGreaterThan(20);
  });

  it('falls over through the deployed state machine', async () => {
    const response = await fetch(`${baseUrl}/v2/chat`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        model: 'openai/gpt-4o',
        fallbacks: ['openai/gpt-4o-mini'],
        messages: [{ role: 'user', content: 'simulate:status=500@gpt-4o' }],
      }),
    });
    expect(response.status).toBe(200);
    // Two calls to the first model, the second after a wait by the machine, and one to the other model.
    expect(await response.json()).toMatchObject({ model: 'openai/gpt-4o-mini', attempts: 3 });
  });

  it('runs a job to its end, once for each idempotency key', async () => {
    const create = () =>
      fetch(`${baseUrl}/v2/jobs`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${key}`,
          'content-type': 'application/json',
          'idempotency-key': 'deploy-test',
        },
        body: JSON.stringify({ messages: hello }),
      });
    const created = await create();
    expect(created.status).toBe(202);
    const { id } = await bodyOf(created);
    expect((await bodyOf(await create())).id).toBe(id);
    const read = async () =>
      bodyOf(await fetch(`${baseUrl}/v2/jobs/${id}`, { headers: { authorization: `Bearer ${key}` } }));
    let job = await read();
    for (const until = Date.now() + 20_000; job.state !== 'succeeded' && Date.now() < until; job = await read()) {
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    expect(job).toMatchObject({ state: 'succeeded', attempts: 1, answer: { model: 'openai/gpt-4o-mini' } });
  });

  it('calls no provider while spending is stopped, and does again when it resumes', async () => {
    const ask = (content: string) =>
      client.chat.completions.create({ model: 'gpt-4o-mini', messages: [{ role: 'user', content }] });
    expect(run('node', 'bin/spending.ts', 'stop')).toContain('Spending is stopped.');
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    await expect(ask('Does it cost?')).rejects.toMatchObject({ status: 402, code: 'budget_exhausted' });
    // Asked before, and kept.
    expect((await client.chat.completions.create({ model: 'gpt-4o-mini', messages: hello })).choices).toHaveLength(1);
    expect(run('node', 'bin/spending.ts', 'resume')).toContain('Providers are called again.');
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect((await ask('Does it cost?')).choices).toHaveLength(1);
  });

  it('refuses what it should, in the shape that clients read', async () => {
    const stranger = new OpenAI({ apiKey: 'hg_x', baseURL: `${baseUrl}/v1`, maxRetries: 0 });
    const ask = (one: OpenAI, content: string) =>
      one.chat.completions.create({ model: 'gpt-4o-mini', messages: [{ role: 'user', content }] });
    await expect(ask(stranger, 'hi')).rejects.toBeInstanceOf(OpenAI.AuthenticationError);
    await expect(ask(client, 'simulate:status=429')).rejects.toBeInstanceOf(OpenAI.RateLimitError);
    await expect(ask(client, 'simulate:cut')).rejects.toMatchObject({ status: 502, code: 'provider_failed' });
    const nowhere = await fetch(`${baseUrl}/v1/nothing`);
    expect(nowhere.status).toBe(404);
    expect(await nowhere.json()).toMatchObject({ error: { code: 'not_found' } });
  });

  it('forgets a revoked key within 5 s', async () => {
    const id = apiKeyId(hashApiKey(key));
    const headers = { authorization: `Bearer ${key}` };
    expect((await fetch(`${baseUrl}/v2/admin/keys/${id}`, { method: 'DELETE', headers })).status).toBe(200);
    const revokedAt = performance.now();
    const isAccepted = () =>
      client.models.list().then(
        () => true,
        () => false,
      );
    while (await isAccepted()) expect(performance.now() - revokedAt).toBeLessThan(5_000);
  });
});
