import { execFileSync, spawn } from 'node:child_process';
import { freePort } from '../store/test-dynamo.ts';

/** Debian has one or the other; what we use of them is the same. */
const SERVERS = ['valkey-server', 'redis-server'];

/** The server on this machine's path; undefined where neither is. */
export const valkeyServer: string | undefined = SERVERS.find((server) => {
  try {
    execFileSync(server, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
});

/** Says why, where tests are skipped. */
export const WITH_VALKEY =
  valkeyServer === undefined ? `skipped: neither ${SERVERS.join(' nor ')} is installed` : valkeyServer;

export interface TestValkey {
  url: string;
  port: number;
  /** Stops and goes on, as a server that hangs. */
  freeze(): void;
  thaw(): void;
  close(): Promise<void>;
}

/** A real server on 127.0.0.1 that keeps nothing on disk. */
export async function startTestValkey(port?: number): Promise<TestValkey> {
  if (valkeyServer === undefined) throw new Error('There is no Valkey on this machine.');
  const used = port ?? (await freePort());
  const options = ['--port', String(used), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const child = spawn(valkeyServer, options);
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => reject(new Error('The server ended.')));
    child.stdout.on('data', (text: Buffer) => {
      if (String(text).includes('eady to accept connections')) resolve();
    });
  });
  child.removeAllListeners('exit');
  return {
    url: `redis://127.0.0.1:${used}`,
    port: used,
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    async close() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await ended;
    },
  };
}
