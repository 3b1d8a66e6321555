import { Agent, request as httpRequest } from 'node:http';

export interface Load {
  url: string;
  key: string;
  connections: number;
  stream: boolean;
  durationMs: number;
  /** Asks the same again and again, for an answer that is kept. Otherwise no two requests of a process are the same. */
  isRepeated?: boolean;
}

/** Milliseconds of everything measured, one entry a request or chunk. */
export interface Measured {
  latencies: number[];
  timesToFirstChunk: number[];
  chunkLatencies: number[];
  failures: number;
  elapsedMs: number;
}

/** Sends requests over so many connections, each as soon as the one before is answered, for the given time. */
export async function runLoad(load: Load): Promise<Measured> {
  const agent = new Agent({ keepAlive: true, maxSockets: load.connections });
  const measured: Measured = { latencies: [], timesToFirstChunk: [], chunkLatencies: [], failures: 0, elapsedMs: 0 };
  const start = performance.now();
  const worker = async () => {
    while (performance.now() - start < load.durationMs) await oneRequest(load, agent, measured);
  };
  await Promise.all(Array.from({ length: load.connections }, worker));
  measured.elapsedMs = performance.now() - start;
  agent.destroy();
  return measured;
}

let requests = 0;

function oneRequest({ url, key, stream, isRepeated }: Load, agent: Agent, measured: Measured): Promise<void> {
  const number = isRepeated ? 0 : ++requests;
  const messages = [{ role: 'user', content: `Say twenty words, for request ${String(number).padStart(7, '0')}.` }];
  const body = JSON.stringify({ model: 'openai/gpt-4o-mini', messages, stream });
  const headers = {
    authorization: `Bearer ${key}`,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  };
  const sentAt = performance.now();
  return new Promise((resolve) => {
    const fail = () => {
      measured.failures += 1;
      resolve();
    };
    const request = httpRequest(`${url}/v1/chat/completions`, { method: 'POST', agent, headers }, (response) => {
      let isFirst = true;
      let text = '';
      response.on('data', (piece: Buffer) => {
        if (stream) {
          if (isFirst) measured.timesToFirstChunk.push(performance.now() - sentAt);
          isFirst = false;
          noteChunks(piece, measured);
        }
        text += piece;
      });
      response.on('error', fail);
      response.on('end', () => {
        const isWhole = stream ? text.endsWith('[DONE]\n\n') : text.endsWith('}');
        if (response.statusCode !== 200 || !isWhole) measured.failures += 1;
        measured.latencies.push(performance.now() - sentAt);
        resolve();
      });
    });
    request.on('error', fail);
    request.end(body);
  });
}

/** The provider stamps each chunk when it writes it; all processes share this machine's clock. */
function noteChunks(piece: Buffer, measured: Measured): void {
  const now = performance.timeOrigin + performance.now();
  for (const [, stamp] of piece.toString().matchAll(/"content":"([\d.]+)"/g))
    measured.chunkLatencies.push(now - Number(stamp));
}

/** The value below which this share of the numbers lies; NaN when there are none. */
export function percentile(numbers: readonly number[], share: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
