import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';
import type { Speaker } from './answers.ts';
import { FaultWire, type ProviderCall } from './fault-wire.ts';
import type { FaultTimes } from './profiles.ts';

/** What a provider does with a call. */
export type Play = (wire: FaultWire) => Promise<void> | void;

/** A provider that is nothing but a socket: what it sends is up to the test, byte for byte. */
export interface FaultProvider {
  url: string;
  calls: ProviderCall[];
  close(): Promise<void>;
}

export async function startFaultProvider(speaker: Speaker, times: FaultTimes, play: Play): Promise<FaultProvider> {
  const calls: ProviderCall[] = [];
  const sockets = new Set<Socket>();

  function serve(socket: Socket): void {
    let current: ProviderCall | undefined;
    let received = Buffer.alloc(0);
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => {
      sockets.delete(socket);
      if (current && !current.isOver) current.givenUpAtMs = performance.now();
    });
    socket.on('data', (bytes) => {
      received = Buffer.concat([received, bytes]);
      const request = requestIn(received);
      if (!request) return;
      received = received.subarray(request.bytes);
      current = newCall(request);
      calls.push(current);
      void play(new FaultWire({ socket, call: current, speaker, number: calls.length, times }));
    });
  }

  const server = createServer({ noDelay: true }, serve);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

interface ReceivedRequest {
  path: string;
  body: string;
  bytes: number;
}

/** The first request of these bytes, once it is whole. The gateway always sends a content-length. */
function requestIn(received: Buffer): ReceivedRequest | undefined {
  const headEnd = received.indexOf('\r\n\r\n');
  if (headEnd < 0) return undefined;
  const head = received.toString('latin1', 0, headEnd);
  const length = Number(head.match(/^content-length: (\d+)$/im)?.[1] ?? 0);
  const bytes = headEnd + 4 + length;
  if (received.length < bytes) return undefined;
  return { path: head.split(' ')[1] ?? '', body: received.toString('utf8', headEnd + 4, bytes), bytes };
}

function newCall({ path, body }: ReceivedRequest): ProviderCall {
  const parsed = JSON.parse(body || '{}') as Record<string, unknown>;
  return {
    arrivedAtMs: performance.now(),
    path,
    model: String(parsed.model),
    body: parsed,
    sentBytes: 0,
    isOver: false,
    givenUpAtMs: undefined,
  };
}
