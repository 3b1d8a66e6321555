declare module 'dynalite' {
  import type { Server } from 'node:http';

  /** Milliseconds a table takes to appear; where its data lies, in memory without. */
  interface DynaliteOptions {
    createTableMs?: number;
    path?: string;
  }

  export default function dynalite(options?: DynaliteOptions): Server;
}
