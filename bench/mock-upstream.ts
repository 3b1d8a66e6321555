import { createServer, type ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { listen } from '../local/listen.ts';
import { serveParent } from './child.ts';

/**
 * The fastest provider there can be: a fixed answer of some 400 bytes after 50 ms, or a stream of 20 chunks, 10 ms apart,
 * each stamped with the time it was written. The 50 ms are a mean, spread evenly by 10 ms to both sides: with a constant,
 * callers that wait for each other's turn fall into step, and every burst is timed instead of every request.
 */
const DELAY_MS = 50;
const SPREAD_MS = 10;
const CHUNKS = 20;
const CHUNK_PAUSE_MS = 10;

const answer = JSON.stringify({
  id: 'chatcmpl-bench',
  object: 'chat.completion',
  created: 1_700_000_000,
  model: 'gpt-4o-mini',
  choices: [{ index: 0, message: { role: 'assistant', content: 'word '.repeat(20) }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 10, completion_tokens: 20, total_tokens: 30 },
});

const server = createServer((request, response) => {
  let body = '';
  request.on('data', (piece) => {
    body += piece;
  });
  request.on('end', () => {
    setTimeout(
      () => (body.includes('"stream":true') ? void stream(response) : whole(response)),
      DELAY_MS + (Math.random() * 2 - 1) * SPREAD_MS,
    );
  });
});

function whole(response: ServerResponse): void {
  response
    .writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(answer) })
    .end(answer);
}

async function stream(response: ServerResponse): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (let index = 0; index < CHUNKS; index++) {
    response.write(event({ content: String(performance.timeOrigin + performance.now()) }));
    await pause(CHUNK_PAUSE_MS);
  }
  response.end(`${event({}, 'stop')}data: [DONE]\n\n`);
}

function event(delta: object, finishReason: string | null = null): string {
  const chunk = { id: 'chatcmpl-bench', object: 'chat.completion.chunk', created: 1_700_000_000, model: 'gpt-4o-mini' };
  return `data: ${JSON.stringify({ ...chunk, choices: [{ index: 0, delta, finish_reason: finishReason }] })}\n\n`;
}

serveParent(await listen(server, 0));
