import { describe, expect, it } from 'vitest';
import { bodyOf, startGatewayUnderTest, startProvider } from './gateway-under-test.ts';
import { chat, chunk, close, gatewayTo, sse, whole } from './scripted-provider.ts';

describe('an answer that only looks whole', () => {
  const streamOf = (...chunks: string[]) => chunks.map((data) => `data: ${data}\n\n`).join('');

  it.each<[string, string]>([
    ['an empty finish reason', streamOf(chunk({ content: 'x' }, ''), '[DONE]')],
    ['words after its ending', streamOf(chunk({ content: 'x' }, 'stop'), chunk({ content: 'y' }), '[DONE]')],
    ['an error beside the words', streamOf(chunk({ content: 'x' }), '{"choices":[],"error":"overloaded"}', '[DONE]')],
    [
      'an error in a choice',
      streamOf(
        chunk({ content: 'x' }),
        '{"choices":[{"index":0,"delta":{},"error":{"code":500},"finish_reason":"stop"}]}',
        '[DONE]',
      ),
    ],
    ['an ending called error', streamOf(chunk({ content: 'x' }, 'error'), '[DONE]')],
  ])('is no complete stream with %s', async (_name, text) => {
    const gateway = await gatewayTo((response) => response.writeHead(200, sse).end(text));
    const answer = await (await chat(gateway, { stream: true })).text();
    expect(answer).toContain('"error"');
    expect(answer).not.toContain('[DONE]');
  });

  it('is no complete stream while a choice that was asked for is missing', async () => {
    const gateway = await gatewayTo((response) =>
      response.writeHead(200, sse).end(streamOf(chunk({ content: 'x' }, 'stop'), '[DONE]')),
    );
    expect(await (await chat(gateway, { stream: true, n: 2 })).text()).not.toContain('[DONE]');
  });

  it.each([
    ['an ending called error', whole({ content: 'half' }, 'error')],
    ['an empty finish reason', whole({ content: 'half' }, '')],
    ['an error as text', `{"error":"overloaded",${whole({ content: 'half' }).slice(1)}`],
    [
      'an error in a choice',
      '{"choices":[{"index":0,"message":{"content":"x"},"finish_reason":"stop","error":{"code":502}}]}',
    ],
    [
      'endless nesting',
      `{"choices":[{"index":0,"message":{"content":"x"},"finish_reason":"stop"}],"x":${'['.repeat(5_000)}${']'.repeat(5_000)}}`,
    ],
  ])('is refused with %s', async (_name, text) => {
    const gateway = await gatewayTo((response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(text),
    );
    expect((await chat(gateway)).status).toBe(502);
  });

  it('ends by the deadline when the provider switches protocols', async () => {
    const gateway = await gatewayTo((response) => {
      response.socket?.end('HTTP/1.1 101 Switching Protocols\r\nupgrade: foo\r\nconnection: upgrade\r\n\r\n');
    });
    expect((await chat(gateway)).status).toBe(502);
  });

  it('is billed for at least what it relayed, whatever usage was reported before it broke', async () => {
    const early = `{"choices":[{"index":0,"delta":{"content":"x"}}],"usage":{"prompt_tokens":3,"completion_tokens":0}}`;
    const words = Array.from({ length: 30 }, () => chunk({ content: 'word' }));
    const gateway = await gatewayTo((response) => {
      response.writeHead(200, sse);
      response.write(streamOf(early, ...words), () => response.destroy());
    });
    const response = await chat(gateway, { stream: true });
    await response.text();
    expect((await gateway.eventOf(response))?.usage).toMatchObject({ estimated: true, textOutputTokens: 31 });
  });

  it('gives /v2/chat the text of parts, and a refusal as text', async () => {
    let message: object = {};
    const gateway = await gatewayTo((response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(whole(message)),
    );
    const content = async () =>
      (await bodyOf(await gateway.post('/v2/chat', { messages: [{ role: 'user', content: 'hi' }], model: 'gpt-4o' })))
        .content;
    message = {
      content: [
        { type: 'text', text: 'one ' },
        { type: 'text', text: 'two' },
      ],
    };
    expect(await content()).toBe('one two');
    message = { content: null, refusal: 'I will not.' };
    expect(await content()).toBe('I will not.');
  });
});

describe('a gateway whose provider is a gateway', () => {
  it('ends a circle instead of running in it', async () => {
    let hops = '';
    const gateway = await gatewayTo((response) => response.writeHead(500).end());
    await chat(gateway);
    const looped = await chat(gateway, {}, { 'x-headgate-hops': '3' });
    expect(looped.status).toBe(508);
    const provider = await startProvider((request, response) => {
      hops = String(request.headers['x-headgate-hops']);
      response.writeHead(500).end();
    });
    const outer = await startGatewayUnderTest({ provider: provider.url });
    close.push(outer.close, provider.close);
    await chat(outer, {}, { 'x-headgate-hops': '1' });
    expect(hops).toBe('2');
  });
});
