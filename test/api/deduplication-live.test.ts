import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import {
  askAndLeave,
  askOf,
  cacheOf,
  contentOf,
  QUESTION,
  startCoalescing as start,
  times,
} from './coalescing-gateway.ts';
import { API_KEY, eventually, type GatewayUnderTest } from './gateway-under-test.ts';
import { chunk, sse } from './scripted-provider.ts';

const send = (response: ServerResponse, data: string) => response.write(`data: ${data}\n\n`);

/** A provider that says a word each 50 ms, and notes when a caller of its leaves. */
function talking(words: number, end: (response: ServerResponse) => void = whole) {
  const left: number[] = [];
  const answer = (response: ServerResponse, _body: object, call: number) => {
    response.writeHead(200, sse);
    response.once('close', () => {
      if (!response.writableFinished) left.push(call);
    });
    let said = 0;
    const timer = setInterval(() => {
      said += 1;
      if (said <= words) send(response, chunk({ content: `w${said} ` }));
      else {
        clearInterval(timer);
        end(response);
      }
    }, 50);
    response.once('close', () => clearInterval(timer));
  };
  return { answer, left };
}

function whole(response: ServerResponse): void {
  send(response, chunk({}, 'stop'));
  response.end('data: [DONE]\n\n');
}

const wordsOf = (text: string) => [...text.matchAll(/"content":"(w\d+ )"/g)].map(([, word]) => word).join('');
const ALL = (count: number) => times(count, (index) => `w${index + 1} `).join('');

/** Reads a stream; when its first word came, and all of it. */
async function read(
  asked: Promise<Response | undefined>,
): Promise<{ firstAtMs: number; text: string; cache: string | null }> {
  const response = (await asked) as Response;
  let firstAtMs = 0;
  let text = '';
  const decoder = new TextDecoder();
  for await (const piece of response.body as AsyncIterable<Uint8Array>) {
    text += decoder.decode(piece, { stream: true });
    if (firstAtMs === 0 && text.includes('content')) firstAtMs = performance.now();
  }
  return { firstAtMs, text, cache: cacheOf(response) };
}

describe('a stream that others of the process want', () => {
  it('is followed while it is made, from its first word, by whoever comes before its end', async () => {
    const { answer } = talking(12);
    const { gateway, calls } = await start(answer, {}, 0);
    const startedAt = performance.now();
    const first = read(askOf(gateway)({ stream: true }));
    await pause(300);
    const late = times(5, () => read(askOf(gateway)({ stream: true, stream_options: { include_usage: true } })));
    const wanted = askOf(gateway)();
    const [leader, ...others] = await Promise.all([first, ...late]);
    expect(calls()).toBe(1);
    expect(leader?.cache).toBe('miss');
    for (const other of others) {
      expect([other.cache, wordsOf(other.text)]).toEqual(['coalesced', ALL(12)]);
      expect(other.text.endsWith('data: [DONE]\n\n')).toBe(true);
      expect(other.text).toContain('"cost_usd":0');
      // The answer takes 650 ms; they have its beginning at once.
      expect(other.firstAtMs - startedAt).toBeLessThan(600);
    }
    expect(await contentOf(await wanted)).toBe(ALL(12));
    const events = await eventually(async () => {
      const all = await gateway.events();
      return all.length === 7 ? all : undefined;
    });
    const paid = events.filter(({ costMicroDollars }) => costMicroDollars > 0);
    expect(paid).toHaveLength(1);
    for (const event of events.filter(({ coalescedWith }) => coalescedWith)) {
      expect(event).toMatchObject({ cache: 'coalesced', savedMicroDollars: paid[0]?.costMicroDollars });
    }
  });

  it('goes on when the caller who began it hangs up, who pays for all of it', async () => {
    const { answer, left } = talking(12);
    const { gateway, calls } = await start(answer, {}, 0);
    const leader = new AbortController();
    const first = read(askAndLeave(gateway, leader.signal, { stream: true })).catch(() => undefined);
    await pause(200);
    const other = read(askOf(gateway)({ stream: true }));
    const wanted = askOf(gateway)();
    await pause(100);
    leader.abort();
    expect([wordsOf((await other).text), await contentOf(await wanted)]).toEqual([ALL(12), ALL(12)]);
    await first;
    expect([calls(), left]).toEqual([1, []]);
    const events = await eventually(async () => {
      const all = await gateway.events();
      return all.length === 3 ? all : undefined;
    });
    const led = events.find(({ coalescedWith }) => coalescedWith === undefined);
    expect(led).toMatchObject({ outcome: 'client_closed', costMicroDollars: expect.any(Number) });
    expect(led?.usage.textOutputTokens).toBeGreaterThanOrEqual(12);
  });

  it('is given up when all have left', async () => {
    const { answer, left } = talking(200);
    const { gateway, calls } = await start(answer, {}, 0);
    const callers = times(5, () => new AbortController());
    const asked = callers.map(({ signal }) =>
      read(askAndLeave(gateway, signal, { stream: true })).catch(() => undefined),
    );
    await pause(300);
    for (const caller of callers) {
      caller.abort();
      await pause(20);
    }
    await Promise.all(asked);
    await eventually(() => (left.length === 1 ? true : undefined));
    expect(calls()).toBe(1);
    expect(await eventually(async () => ((await gateway.events()).length === 5 ? true : undefined))).toBe(true);
  });

  it('that breaks is broken for all who follow, and ends for none as if it were whole', async () => {
    const { answer } = talking(6, (response) => response.destroy());
    const { gateway, calls } = await start(answer, {}, 0);
    const all = await Promise.all(times(5, () => read(askOf(gateway)({ stream: true }))));
    expect(calls()).toBe(1);
    for (const { text } of all) {
      expect(wordsOf(text)).toBe(ALL(6));
      expect(text).toContain('"error"');
      expect(text).not.toContain('[DONE]');
    }
  });

  it('that breaks each time is tried twice for those in another process, not once for each', async () => {
    const { answer } = talking(4, (response) => response.destroy());
    const { gateway, second, calls } = await start(answer, {}, 0);
    const beside = await second();
    const first = read(askOf(gateway)({ stream: true }));
    await pause(100);
    const wanted = times(8, () => askOf(beside)({ stream: true }, { 'x-headgate-stream': 'held' }));
    const statuses = (await Promise.all(wanted)).map(({ status }) => status);
    await first;
    expect([...new Set(statuses)]).toEqual([502]);
    expect(calls()).toBeLessThanOrEqual(3);
  });

  it('that is rightly empty is one call, too', async () => {
    const { gateway, calls } = await start(
      (response) => {
        response.writeHead(200, sse);
        whole(response);
      },
      {},
      200,
    );
    const all = await Promise.all(times(6, () => read(askOf(gateway)({ stream: true, stop: ['x'] }))));
    expect(calls()).toBe(1);
    for (const { text } of all) expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
  });

  it('is not held up by a caller who does not read', async () => {
    const WORD = 'x'.repeat(50_000);
    const { gateway, calls } = await start(
      (response) => {
        response.writeHead(200, sse);
        for (let count = 0; count < 100; count++) send(response, chunk({ content: WORD }));
        whole(response);
      },
      {},
      100,
    );
    const stalled = await stall(gateway);
    const startedAt = performance.now();
    const others = await Promise.all([read(askOf(gateway)({ stream: true })), read(askOf(gateway)({ stream: true }))]);
    for (const { text, cache } of others) {
      expect([cache, text.endsWith('data: [DONE]\n\n')]).toEqual(['coalesced', true]);
    }
    expect(calls()).toBe(1);
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    stalled.destroy();
  });
});

/** A caller who asks and does not read the answer. */
function stall(gateway: GatewayUnderTest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json' };
    const request = httpRequest(`${gateway.url}/v1/chat/completions`, { method: 'POST', headers }, resolve);
    request.on('error', reject);
    request.end(JSON.stringify({ ...QUESTION, stream: true }));
  });
}
