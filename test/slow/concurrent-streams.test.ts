import { Agent, request as httpRequest } from 'node:http';
import { expect, it } from 'vitest';
import { API_KEY, eventually, startGatewayUnderTest } from '../api/gateway-under-test.ts';

const STREAMS = 1_000;

function stream(url: string, agent: Agent, marker: string): Promise<string> {
  const body = JSON.stringify({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: marker }], stream: true });
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json' };
    const request = httpRequest(`${url}/v1/chat/completions`, { method: 'POST', agent, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (piece) => {
        text += piece;
      });
      response.on('end', () => resolve(text));
      response.on('error', reject);
    });
    request.on('error', reject);
    request.end(body);
  });
}

it('a thousand streams at once come back whole, unmixed, and each with its own event', async () => {
  const gateway = await startGatewayUnderTest({ firstTokenMs: 300, tokenMs: 20 });
  const agent = new Agent({ maxSockets: STREAMS });
  const markers = Array.from({ length: STREAMS }, (_, index) => `marker-${index}-${(index * 7919).toString(36)}-end`);
  const texts = await Promise.all(markers.map((marker) => stream(gateway.url, agent, marker)));
  const contents = texts.map((text) => {
    const events = text
      .trim()
      .split('\n\n')
      .map((event) => event.slice('data: '.length));
    expect(events.at(-1)).toBe('[DONE]');
    return events
      .slice(0, -1)
      .map((data) => JSON.parse(data).choices[0].delta.content ?? '')
      .join('');
  });
  contents.forEach((content, index) => {
    expect(content).toMatch(/^This is a simulated answer/);
    expect(content.match(/marker-\d+-\w+-end/g)).toEqual([markers[index]]);
  });
  const events = await eventually(async () => {
    const all = await gateway.events();
    return all.length === STREAMS ? all : undefined;
  });
  expect(new Set(events.map((event) => event.requestId)).size).toBe(STREAMS);
  expect(events.every((event) => event.outcome === 'answered' && !event.usage.estimated)).toBe(true);
  agent.destroy();
  await gateway.close();
});
