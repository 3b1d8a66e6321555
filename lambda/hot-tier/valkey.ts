import { setTimeout as pause } from 'node:timers/promises';
import type { createClient } from '@redis/client';
import type { Clock } from '../ports.ts';
import type { HotTier } from './hot-tier.ts';

/** How to reach a Valkey (or Redis) server. */
export interface ValkeyAddress {
  /** `redis://host:port`, or `rediss://` for TLS. */
  url: string;
  /** Asked before each connection, so that a token need only be valid while one is made. */
  credentials?: () => Promise<{ username: string; password: string }>;
}

/** Slower answers are worth no waiting: DynamoDB takes about as long. */
const TIME_LIMIT_MS = 20;

/** Removing is waited for. */
const DELETE_LIMIT_MS = 2_000;

/** After an answer that did not come, the server is left alone for so long. */
const REST_MS = 1_000;

const CONNECT_MS = 2_000;

/** A health check waits for the first connection, not for later ones. */
const FIRST_CONNECTION_MS = 700;

/** Between two tries to connect: at once for a passing fault, and never in a tight loop. */
const LONGEST_RETRY_MS = 5_000;

type Client = ReturnType<typeof createClient>;

interface Clients {
  commands: Client;
  /** The first connections are made. */
  opened: Promise<unknown>;
  subscriber: Client;
  /** Reads values as bytes. */
  readBytes(key: string): Promise<Uint8Array | null>;
}

/**
 * A hot tier on Valkey. The client is loaded and connected when the gateway starts, but nothing waits for that: until it is
 * there, and whenever it is away, there is nothing in it.
 */
export function valkeyHotTier(address: ValkeyAddress, clock: Clock): HotTier {
  let clients: Clients | undefined;
  let restsUntilMs = 0;
  const connecting = connect(address).then((connected) => {
    clients = connected;
  });
  connecting.catch(() => {});

  async function inTime<Value>(
    ask: (clients: Clients) => Promise<Value>,
    limitMs = TIME_LIMIT_MS,
  ): Promise<Value | undefined> {
    if (!clients?.commands.isReady || clock() < restsUntilMs) return undefined;
    const asked = ask(clients);
    asked.catch(() => {});
    const limit = new AbortController();
    try {
      return await Promise.race([asked, pause(limitMs, undefined, { signal: limit.signal }).then(tooLate)]);
    } catch {
      restsUntilMs = clock() + REST_MS;
      return undefined;
    } finally {
      limit.abort();
    }
  }

  return {
    get: async (key) => (await inTime(({ readBytes }) => readBytes(key))) ?? undefined,

    async set(key, value, forMs) {
      const set = (commands: Client) =>
        commands.set(key, Buffer.from(value), { expiration: { type: 'PX', value: Math.ceil(forMs) } });
      return (await inTime(({ commands }) => set(commands))) === 'OK';
    },

    async delete(keys) {
      if (keys.length === 0) return true;
      await Promise.race([connecting, pause(DELETE_LIMIT_MS, undefined, { ref: false })]).catch(() => {});
      restsUntilMs = 0;
      return (await inTime(({ commands }) => commands.unlink([...keys]), DELETE_LIMIT_MS)) !== undefined;
    },

    tell(channel) {
      void inTime(({ commands }) => commands.publish(channel, ''));
    },

    listen(channel, heard) {
      if (!clients?.subscriber.isReady) return () => {};
      const { subscriber } = clients;
      const listener = () => heard();
      subscriber.subscribe(channel, listener).catch(() => {});
      return () => void subscriber.unsubscribe(channel, listener).catch(() => {});
    },

    async check() {
      await connecting;
      await Promise.race([clients?.opened, pause(FIRST_CONNECTION_MS, undefined, { ref: false })]);
      if (!clients?.commands.isReady || !clients.subscriber.isReady)
        throw new Error('There is no connection to Valkey.');
      if ((await inTime(({ commands }) => commands.ping())) === undefined) throw new Error('Valkey is slow.');
    },

    async close() {
      await connecting.catch(() => {});
      clients?.commands.destroy();
      clients?.subscriber.destroy();
    },
  };
}

function tooLate(): never {
  throw new Error('Valkey did not answer in time.');
}

async function connect({ url, credentials }: ValkeyAddress): Promise<Clients> {
  const { createClient, RESP_TYPES } = await import('@redis/client');
  const commands = createClient({
    url,
    // What cannot be asked now is not worth asking later.
    disableOfflineQueue: true,
    socket: {
      connectTimeout: CONNECT_MS,
      reconnectStrategy: (tries) => Math.min(50 * 2 ** tries, LONGEST_RETRY_MS),
    },
    ...(credentials ? { credentialsProvider: { type: 'async-credentials-provider', credentials } } : {}),
  }) as Client;
  const subscriber = commands.duplicate();
  const bytes = commands.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
  const opened = [commands, subscriber].map((client) => {
    // It goes on trying; until it succeeds, it is not ready.
    client.on('error', () => {});
    return client.connect().catch(() => {});
  });
  return { commands, subscriber, opened: Promise.all(opened), readBytes: (key) => bytes.get(key) };
}
