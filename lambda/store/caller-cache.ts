import type { Caller, Callers, Clock } from '../ports.ts';

/** A revoked key must stop working within 5 s: 4 s here, and the rest for the read itself. */
const REMEMBERED_MS = 4_000;

/** Enough for the keys one process sees in 4 s; beyond it the oldest are forgotten first. */
const MAXIMUM_ENTRIES = 10_000;

interface Entry {
  caller: Promise<Caller | undefined>;
  readAtMs: number;
}

/**
 * Remembers valid callers for a few seconds, so that a busy key costs one read every 4 s and process. Simultaneous
 * look-ups of one key share a read. Unknown keys and failed reads are not remembered.
 */
export function rememberCallers(callers: Callers, clock: Clock): Callers {
  const entries = new Map<string, Entry>();

  function forget(keyHash: string, entry: Entry): void {
    if (entries.get(keyHash) === entry) entries.delete(keyHash);
  }

  function read(keyHash: string): Promise<Caller | undefined> {
    const entry: Entry = { caller: callers.find(keyHash), readAtMs: clock() };
    entries.delete(keyHash);
    entries.set(keyHash, entry);
    if (entries.size > MAXIMUM_ENTRIES) entries.delete(entries.keys().next().value as string);
    entry.caller.then(
      (caller) => {
        if (!caller) forget(keyHash, entry);
      },
      () => forget(keyHash, entry),
    );
    return entry.caller;
  }

  return {
    find(keyHash) {
      const entry = entries.get(keyHash);
      return entry && clock() - entry.readAtMs < REMEMBERED_MS ? entry.caller : read(keyHash);
    },
  };
}
