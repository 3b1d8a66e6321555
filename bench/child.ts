/** What a process of the bench tells its parent: where it listens, and on request what it has used so far. */
export interface ProcessUsage {
  cpuMs: number;
  residentMegabytes: number;
}

/** Reports the URL to the parent and answers its questions about this process's usage. */
export function serveParent(url: string): void {
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    const usage: ProcessUsage = {
      cpuMs: (user + system) / 1_000,
      residentMegabytes: process.memoryUsage.rss() / 1_048_576,
    };
    process.send?.({ usage });
  });
  process.on('disconnect', () => process.exit(0));
  process.send?.({ url });
}
