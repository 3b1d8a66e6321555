import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { usageEventsStore } from '../../lambda/store/usage-events.ts';
import { embeddedClient, localTableName, startDynamo } from '../../local/dynamo.ts';
import { bodyOf, startProvider } from '../api/gateway-under-test.ts';

const MAIN = join(import.meta.dirname, '../../local/main.ts');
const folder = mkdtempSync(join(tmpdir(), 'headgate-main-'));
const running: ChildProcess[] = [];

afterEach(async () => {
  for (const child of running.splice(0)) {
    child.kill();
    await new Promise((resolve) => child.once('exit', resolve));
  }
  rmSync(folder, { recursive: true, force: true });
});

/** Starts `npm start`'s process and waits for the line it prints, or for its end. */
function start(environment: Record<string, string>): Promise<{ output: string; url: string; key: string }> {
  const clean = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/_API_KEY$|_BASE_URL$|^HEADGATE_/.test(name)),
  );
  const child = spawn(process.execPath, [MAIN], {
    env: { ...clean, PORT: '0', HEADGATE_DATA: 'memory', ...environment },
  });
  running.push(child);
  return new Promise((resolve, reject) => {
    let output = '';
    const listen = (piece: Buffer) => {
      output += piece;
      const ready = output.match(/ready at (\S+) with key (\S+) and .*\n\ncurl .*\n.*\n/);
      if (ready) resolve({ output, url: ready[1] as string, key: ready[2] as string });
    };
    child.stdout?.on('data', listen);
    child.stderr?.on('data', listen);
    child.once('exit', () => {
      running.splice(running.indexOf(child), 1);
      reject(new Error(output));
    });
  });
}

async function say(url: string, key: string, model?: string): Promise<Response> {
  return fetch(`${url}/v2/chat`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}` },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'hi' }] }),
  });
}

describe('npm start', () => {
  it('prints a URL on 127.0.0.1, a key that works and a curl, and says that the provider is simulated', async () => {
    const { output, url, key } = await start({ HEADGATE_SIMULATED_PACE: 'instant' });
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(output).toContain('the simulated provider');
    expect(output).toContain(`curl ${url}/v1/chat/completions`);
    expect((await say(url, key)).status).toBe(200);
    expect((await fetch(`${url}/v2/health`)).status).toBe(200);
  });

  it('takes its keys, its data folder and its provider from the environment', async () => {
    const asked: (string | undefined)[] = [];
    const provider = await startProvider((request, response) => {
      asked.push(`${request.url} ${request.headers.authorization}`);
      request.resume();
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end('{"choices":[{"index":0,"message":{"content":"real"},"finish_reason":"stop"}]}');
    });
    const environment = {
      HEADGATE_API_KEY: 'my-own-key',
      HEADGATE_ADMIN_KEY: 'my-admin-key',
      HEADGATE_DATA: folder,
      GROQ_API_KEY: 'gsk-1',
      GROQ_BASE_URL: `${provider.url}/openai/v1/`,
    };
    const { output, url, key } = await start(environment);
    expect(key).toBe('my-own-key');
    expect(output).toContain('real providers: groq');
    expect(await bodyOf(await say(url, key, 'fast'))).toMatchObject({ content: 'real', provider: 'groq' });
    expect(asked).toEqual(['/openai/v1/chat/completions Bearer gsk-1']);
    const missing = await say(url, key, 'gpt-4o');
    expect(missing.status).toBe(424);
    expect((await bodyOf(missing)).error.message).toContain('no key for the provider "openai"');
    await provider.close();
  });

  it("runs with an operator's own configuration, or says what is wrong with it", async () => {
    const good = join(folder, '..', 'headgate-good.ts');
    writeFileSync(good, "export const aliases: Record<string, string> = { quick: 'openai/gpt-6-luna' };\n");
    const { url, key } = await start({ HEADGATE_CONFIG: good, HEADGATE_SIMULATED_PACE: 'instant' });
    expect(await bodyOf(await say(url, key, 'quick'))).toMatchObject({ model: 'openai/gpt-6-luna' });

    writeFileSync(good, "export const aliases = { quick: 'nobody/nothing' };\n");
    await expect(start({ HEADGATE_CONFIG: good })).rejects.toThrow('Alias quick points at nobody/nothing');
    rmSync(good);
  });

  it('beside another that holds its folder keeps its data in memory, and says so', async () => {
    await start({ HEADGATE_DATA: folder });
    await expect(start({ HEADGATE_DATA: folder })).rejects.toThrow('Set HEADGATE_DATA to another folder');
    const { url, key } = await start({ HEADGATE_DATA: '', HEADGATE_SIMULATED_PACE: 'instant' });
    const { output, url: second } = await start({ HEADGATE_DATA: '', HEADGATE_SIMULATED_PACE: 'instant' });
    expect(output).toContain('keeps its data in memory');
    expect((await say(url, key)).status).toBe(200);
    expect((await say(second, key)).status).toBe(200);
  });

  it('settles what is under way when it is stopped', async () => {
    const environment = { HEADGATE_DATA: folder };
    const { url, key } = await start(environment);
    const body = JSON.stringify({ stream: true, messages: [{ role: 'user', content: 'hi' }] });
    const response = await fetch(`${url}/v2/chat`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}` },
      body,
    });
    const requestId = response.headers.get('x-headgate-request-id') ?? '';
    const torn = response.text().catch(() => 'torn');
    const [child] = running.splice(0) as [ChildProcess];
    child.kill();
    await new Promise((resolve) => child.once('exit', resolve));
    await torn;
    const dynamo = await startDynamo(folder);
    const client = embeddedClient(dynamo.endpoint);
    expect(await usageEventsStore(client, localTableName('usage'), 400).find('local', requestId)).toMatchObject({
      stream: true,
    });
    client.destroy();
    await dynamo.close();
  });

  it('says what is wrong with a provider key, an address or data that it cannot use', async () => {
    await expect(start({ OPENAI_BASE_URL: '127.0.0.1:1/v1' })).rejects.toThrow('Provider openai needs a baseUrl');
    await expect(start({ OPENAI_API_KEY: 'sk 1' })).rejects.toThrow('OPENAI_API_KEY has a space');
    await expect(start({ HEADGATE_API_KEY: 'a b' })).rejects.toThrow('HEADGATE_API_KEY must have');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'CURRENT'), 'junk');
    await expect(start({ HEADGATE_DATA: folder })).rejects.toThrow('cannot be opened');
  });

  it('says how to choose another port when its own is taken', async () => {
    const { url } = await start({});
    await expect(start({ PORT: new URL(url).port })).rejects.toThrow('PORT=8788 npm start');
  });
});
