import type { IncomingHttpHeaders } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { configuration } from '../../config/index.ts';
import type { Provider } from '../../lambda/core/configuration.ts';
import { cosine } from '../../lambda/core/semantic/nearest.ts';
import { embedderOf } from '../../lambda/embedding/embedder-of.ts';
import { lambdaEmbedder } from '../../lambda/embedding/lambda-embedder.ts';
import { openAiEmbedder } from '../../lambda/embedding/openai-embedder.ts';
import { titanEmbedder } from '../../lambda/embedding/titan-embedder.ts';
import { encodeVector } from '../../lambda/embedding/vector-text.ts';
import type { Upstream } from '../../lambda/ports.ts';
import { httpUpstream } from '../../lambda/providers/http-upstream.ts';
import { signForAws } from '../../lambda/providers/sign-for-aws.ts';
import { workerEmbedder } from '../../local/worker-embedder.ts';
import { startProvider } from '../api/gateway-under-test.ts';

const close: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const one of close.splice(0)) await one();
});

interface Seen {
  path: string;
  headers: IncomingHttpHeaders;
  body: Record<string, unknown>;
}

/** A server that answers every call with this, and what it was asked. */
async function server(answer: unknown, status = 200) {
  const seen: Seen[] = [];
  const { url, close: stop } = await startProvider((request, response) => {
    let text = '';
    request.on('data', (piece) => {
      text += piece;
    });
    request.on('end', () => {
      seen.push({ path: request.url ?? '', headers: request.headers, body: JSON.parse(text) });
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    });
  });
  close.push(stop);
  return { url, seen };
}

const sign = signForAws({
  credentials: async () => ({ accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' }),
  region: async () => 'eu-central-1',
} as Parameters<typeof signForAws>[0]);

/** Calls to AWS, sent to a server of the test: everything but the host stays. */
function redirected(url: string): Upstream & { hosts: string[] } {
  const hosts: string[] = [];
  const upstream = httpUpstream();
  return {
    hosts,
    post(request) {
      const { host, pathname } = new URL(request.url);
      hosts.push(host);
      return upstream.post({ ...request, url: url + pathname });
    },
  };
}

const provider = (url: string): Provider => ({ ...(configuration.providers.openai as Provider), baseUrl: `${url}/v1` });
const lengthOf = (vector: Float32Array) => Math.hypot(...vector);

describe('an embedder', () => {
  it("calls a provider's /embeddings with its key, and makes the vector one long", async () => {
    const { url, seen } = await server({ data: [{ embedding: [3, 4] }] });
    const ports = { upstream: httpUpstream(), signForAws: sign, providerKeys: { find: async () => 'sk-1' } };
    const embedder = openAiEmbedder(ports, { id: 'openai', provider: provider(url) }, 'text-embedding-3-small', 256);
    const vector = await embedder.embed('Hello');
    expect([...vector].map((part) => part.toFixed(2))).toEqual(['0.60', '0.80']);
    expect(seen).toMatchObject([
      {
        path: '/v1/embeddings',
        headers: { authorization: 'Bearer sk-1' },
        body: { model: 'text-embedding-3-small', input: 'Hello', dimensions: 256 },
      },
    ]);
    expect(embedder.id).toBe('openai/text-embedding-3-small-256');
  });

  it('calls Titan at Bedrock in its region, signed, for 256 numbers', async () => {
    const { url, seen } = await server({ embedding: Array(256).fill(0.5) });
    const upstream = redirected(url);
    const vector = await titanEmbedder({ upstream, signForAws: sign }, 'eu-west-1').embed('Hello');
    expect([vector.length, lengthOf(vector).toFixed(3)]).toEqual([256, '1.000']);
    expect(upstream.hosts).toEqual(['bedrock-runtime.eu-west-1.amazonaws.com']);
    expect(seen[0]).toMatchObject({
      path: '/model/amazon.titan-embed-text-v2%3A0/invoke',
      body: { inputText: 'Hello', dimensions: 256, normalize: true },
      headers: { authorization: expect.stringContaining('/eu-west-1/bedrock/aws4_request') },
    });
  });

  it('invokes the function of the encoder, signed', async () => {
    const { url, seen } = await server({ vector: encodeVector(Float32Array.from([0, 1])) });
    const upstream = redirected(url);
    const arn = 'arn:aws:lambda:eu-central-1:1:function:Embed:live';
    const vector = await lambdaEmbedder({ upstream, signForAws: sign }, 'eu-central-1', arn).embed('Hello');
    expect([...vector]).toEqual([0, 1]);
    expect(seen[0]).toMatchObject({
      path: `/2015-03-31/functions/${encodeURIComponent(arn)}/invocations`,
      body: { text: 'Hello' },
      headers: { authorization: expect.stringContaining('/eu-central-1/lambda/aws4_request') },
    });
  });

  it.each([
    [{ data: [{ embedding: [1, 'x'] }] }, 200],
    [{ data: [] }, 200],
    [[], 200],
    [{ error: {} }, 500],
  ])('fails when it is answered with %j and status %d', async (answer, status) => {
    const { url } = await server(answer, status);
    const ports = { upstream: httpUpstream(), signForAws: sign, providerKeys: { find: async () => undefined } };
    const embedder = openAiEmbedder(ports, { id: 'openai', provider: provider(url) }, 'm');
    await expect(embedder.embed('Hello')).rejects.toThrow('embedder');
  });

  it('is the one that the configuration chooses, and none while the semantic cache is off', () => {
    const ports = { upstream: httpUpstream(), signForAws: sign, providerKeys: { find: async () => undefined } };
    const beside = { id: 'beside', embed: async () => new Float32Array() };
    const chosen = (semantic: object) =>
      embedderOf(
        {
          ...configuration,
          caching: { ...configuration.caching, semantic: { ...configuration.caching.semantic, ...semantic } },
        },
        ports,
        beside,
      )?.id;
    expect(chosen({})).toBeUndefined();
    expect(chosen({ isOn: true })).toBe('beside');
    expect(chosen({ isOn: true, embedder: { kind: 'bedrock', region: 'us-east-1' } })).toBe('titan-v2-256');
    expect(() => chosen({ isOn: true, embedder: { kind: 'provider', provider: 'nobody', model: 'm' } })).toThrow(
      'nobody',
    );
  });

  it('in a thread makes near vectors of near questions, and does not hold the event loop', async () => {
    const embedder = workerEmbedder();
    close.push(embedder.close);
    const texts = ['How do I cook rice?', 'What is the way to cook rice?', 'Who painted the Mona Lisa?'];
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    const vectors = await Promise.all(texts.map((text) => embedder.embed(text)));
    const [rice, same, other] = vectors as [Float32Array, Float32Array, Float32Array];
    clearInterval(timer);
    expect(cosine(rice, same)).toBeGreaterThan(cosine(rice, other) + 0.3);
    expect(ticks).toBeGreaterThan(10);
  });

  it('in a thread that has ended fails at once', async () => {
    const embedder = workerEmbedder();
    await embedder.close();
    await expect(embedder.embed('Hello')).rejects.toThrow('thread');
  });
});
