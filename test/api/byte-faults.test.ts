import { describe, expect, it } from 'vitest';
import { bodyOf, startGatewayUnderTest, startProvider } from './gateway-under-test.ts';
import { chat, chunk, close, gatewayTo, sse, whole } from './scripted-provider.ts';

describe('bytes from a provider', () => {
  it('arrive intact when cut anywhere, with CRLF, a BOM, comments and characters of four bytes', async () => {
    const text = 'Grüße 🌊 from the “headgate”';
    const bytes = Buffer.from(
      `\uFEFF: hello\r\n\r\n${[...text].map((character) => `data: ${chunk({ content: character })}\r\n\r\n`).join('')}` +
        `data: ${chunk({}, 'stop')}\r\n\r\ndata: [DONE]\r\n\r\n`,
    );
    const gateway = await gatewayTo(async (response) => {
      response.writeHead(200, sse);
      for (let at = 0; at < bytes.length; at += 7) {
        response.write(bytes.subarray(at, at + 7));
        if (at % 21 === 0) await new Promise(setImmediate);
      }
      response.end();
    });
    const stream = await gateway.client.chat.completions.create({
      model: 'gpt-4o-mini',
      messages: [{ role: 'user', content: 'hi' }],
      stream: true,
    });
    let content = '';
    for await (const piece of stream) content += piece.choices[0]?.delta.content ?? '';
    expect(content).toBe(text);
  });

  it('that nobody knows pass through, in requests, answers and chunks', async () => {
    let received = '';
    const gateway = await gatewayTo((response, body) => {
      received = body;
      if (!body.includes('"stream":true')) {
        response
          .writeHead(200, { 'content-type': 'application/json' })
          .end(`{"novelty":{"a":[1]},${whole({ content: 'x' }).slice(1)}`);
        return;
      }
      response
        .writeHead(200, sse)
        .end(`data: {"novelty":7,${chunk({ content: 'x' }, 'stop').slice(1)}\n\ndata: [DONE]\n\n`);
    });
    const answer = await bodyOf(await chat(gateway, { reasoning_effort: 'low', metadata: { k: 'v' } }));
    expect(answer.novelty).toEqual({ a: [1] });
    expect(JSON.parse(received)).toEqual({
      model: 'gpt-4o-mini',
      messages: [{ role: 'user', content: 'hi' }],
      reasoning_effort: 'low',
      metadata: { k: 'v' },
    });
    const streamed = await (
      await chat(gateway, { stream: true, stream_options: { include_obfuscation: false } })
    ).text();
    expect(streamed).toContain('"novelty":7');
    expect(JSON.parse(received).stream_options).toEqual({ include_obfuscation: false, include_usage: true });
  });

  it('may come in one event of 2 MB', async () => {
    const large = 'x'.repeat(2_000_000);
    const gateway = await gatewayTo((response) => {
      response.writeHead(200, sse).end(`data: ${chunk({ content: large }, 'stop')}\n\ndata: [DONE]\n\n`);
    });
    expect(await (await chat(gateway, { stream: true })).text()).toContain(large);
  });

  it('are given up on when an event never ends', async () => {
    let sent = 0;
    const gateway = await gatewayTo((response) => {
      response.writeHead(200, sse).write('data: ');
      const timer = setInterval(() => {
        sent += 1;
        response.write('x'.repeat(1_000_000));
      }, 5);
      response.on('close', () => clearInterval(timer));
    });
    const response = await chat(gateway, { stream: true });
    expect(response.status).toBe(502);
    expect(sent).toBeLessThan(30);
  });

  it('are an answer without [DONE], once every choice has ended', async () => {
    const gateway = await gatewayTo((response) => {
      response.writeHead(200, sse).end(`data: ${chunk({ content: 'x' }, 'stop')}\n\n`);
    });
    expect(await (await chat(gateway, { stream: true })).text()).toMatch(
      /"finish_reason":"stop".*\n\ndata: \[DONE\]\n\n$/s,
    );
  });

  it.each([
    ['a choice that did not end', `data: ${chunk({ content: 'x' })}\n\ndata: [DONE]\n\n`, 200],
    [
      'one of two choices that did not end',
      `data: ${chunk({ content: 'x' }, 'stop')}\n\ndata: {"choices":[{"index":1,"delta":{"content":"y"}}]}\n\ndata: [DONE]\n\n`,
      200,
    ],
    [
      'no content at all',
      `data: ${chunk({ role: 'assistant', content: '' })}\n\ndata: ${chunk({}, 'stop')}\n\ndata: [DONE]\n\n`,
      502,
    ],
    ['only [DONE]', 'data: [DONE]\n\n', 502],
    [
      'invalid UTF-8',
      Buffer.concat([
        Buffer.from('data: {"choices":[{"delta":{"content":"'),
        Buffer.from([0xff]),
        Buffer.from('"}}]}\n\n'),
      ]),
      502,
    ],
  ])('are no complete stream with %s', async (_name, bytes, status) => {
    const gateway = await gatewayTo((response) => response.writeHead(200, sse).end(bytes));
    const response = await chat(gateway, { stream: true });
    expect(response.status).toBe(status);
    const text = await response.text();
    expect(text).toContain('"error"');
    expect(text).not.toContain('[DONE]');
  });

  it.each([
    ['an empty choice', whole({ role: 'assistant', content: '' })],
    ['no finish reason', '{"choices":[{"message":{"content":"half an ans"}}]}'],
    ['no choices', '{"choices":[]}'],
    ['an error in a good status', '{"error":{"message":"quota"},"choices":[]}'],
    ['a list', '[]'],
  ])('are no answer with %s', async (_name, text) => {
    const gateway = await gatewayTo((response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(text),
    );
    const response = await chat(gateway);
    expect(response.status).toBe(502);
    expect((await bodyOf(response)).error.code).toBe('provider_invalid_answer');
  });

  it('are no answer when compressed unasked, or shorter than announced', async () => {
    const zipped = await gatewayTo((response) =>
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end('x'),
    );
    expect((await chat(zipped)).status).toBe(502);
    const short = await gatewayTo((response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '5000' });
      response.write(whole({ content: 'short' }), () => response.destroy());
    });
    expect((await chat(short)).status).toBe(502);
  });

  it('are an answer when a model stops at its limit before writing, as reasoning models do', async () => {
    const gateway = await gatewayTo((response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(whole({ content: '' }, 'length')),
    );
    expect((await chat(gateway)).status).toBe(200);
  });

  it('never carry headers or keys of the provider to the caller', async () => {
    const gateway = await gatewayTo((response, body) => {
      const status = body.includes('"n":2') ? 400 : 200;
      const error = { error: { message: 'Bad key sk-provider-key and org-0123456789abcdefghij in field', param: 'n' } };
      response
        .writeHead(status, { 'content-type': 'application/json', 'set-cookie': 'a=b', 'x-private': '1', server: 'x' })
        .end(status === 200 ? whole({ content: 'x' }) : JSON.stringify(error));
    });
    const good = await chat(gateway);
    for (const name of ['set-cookie', 'x-private', 'server']) expect(good.headers.get(name)).toBeNull();
    const bad = await chat(gateway, { n: 2 });
    expect(await bodyOf(bad)).toEqual({
      error: {
        message: 'The provider refused the request: Bad key [removed] and [removed] in field',
        type: 'invalid_request_error',
        code: 'provider_rejected',
        param: 'n',
      },
    });
    expect(gateway.log.join('')).not.toMatch(/sk-provider-key|org-0123/);
  });
});

describe('a fallback', () => {
  it('answers when the first model fails, whole and streamed, and the attempts are counted', async () => {
    const models: string[] = [];
    const gateway = await gatewayTo((response, body) => {
      const { model, stream } = JSON.parse(body);
      models.push(model);
      if (model === 'gpt-4o') {
        response.writeHead(stream ? 200 : 500, stream ? sse : {}).end();
        return;
      }
      if (stream) response.writeHead(200, sse).end(`data: ${chunk({ content: 'ok' }, 'stop')}\n\ndata: [DONE]\n\n`);
      else response.writeHead(200, { 'content-type': 'application/json' }).end(whole({ content: 'ok' }));
    });
    for (const stream of [false, true]) {
      const response = await chat(
        gateway,
        { model: 'gpt-4o', stream },
        { 'x-headgate-fallbacks': 'gpt-4o, gpt-4.1-mini' },
      );
      expect(response.status).toBe(200);
      expect(await response.text()).toContain('ok');
      expect(response.headers.get('x-headgate-model')).toBe('openai/gpt-4.1-mini');
      expect(response.headers.get('x-headgate-attempts')).toBe('2');
      expect(await gateway.eventOf(response)).toMatchObject({
        model: 'openai/gpt-4.1-mini',
        attempts: 2,
        outcome: 'answered',
      });
    }
    expect(models).toEqual(['gpt-4o', 'gpt-4.1-mini', 'gpt-4o', 'gpt-4.1-mini']);
  });

  it('is not asked when the request itself is at fault', async () => {
    let calls = 0;
    const gateway = await gatewayTo((response) => {
      calls += 1;
      response.writeHead(400, { 'content-type': 'application/json' }).end('{"error":{"message":"No."}}');
    });
    const response = await chat(gateway, {}, { 'x-headgate-fallbacks': 'gpt-4o' });
    expect(response.status).toBe(400);
    expect(calls).toBe(1);
  });
});

describe('time', () => {
  it('runs out by the header, the configuration, or a silence between chunks', async () => {
    const gateway = await gatewayTo((response) =>
      response.writeHead(200, sse).write(`data: ${chunk({ content: 'x' })}\n\n`),
    );
    const startedAt = performance.now();
    const text = await (await chat(gateway, { stream: true }, { 'x-headgate-timeout-ms': '400' })).text();
    expect(performance.now() - startedAt).toBeGreaterThan(350);
    expect(performance.now() - startedAt).toBeLessThan(1_400);
    expect(text).toContain('deadline_exceeded');

    const provider = await startProvider((_request, response) => {
      response.writeHead(200, sse).write(`data: ${chunk({ content: 'x' })}\n\n`);
    });
    const strict = await startGatewayUnderTest({
      provider: provider.url,
      overrides: { deadlines: { betweenChunksMs: 300, maximumMs: 5_000 } },
    });
    close.push(strict.close, provider.close);
    const silent = await (await chat(strict, { stream: true }, { 'x-headgate-timeout-ms': '60000' })).text();
    expect(silent).toContain('provider_timeout');
  });

  it('is the configured maximum for a caller who asks for more', async () => {
    const provider = await startProvider(() => {});
    const gateway = await startGatewayUnderTest({
      provider: provider.url,
      overrides: { deadlines: { maximumMs: 300 } },
    });
    close.push(gateway.close, provider.close);
    const response = await chat(gateway, {}, { 'x-headgate-timeout-ms': '999999' });
    expect(response.status).toBe(504);
  });
});
