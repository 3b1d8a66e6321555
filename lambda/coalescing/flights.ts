import type { SharedOutcome } from './outcome.ts';

/** How a call ended for those who waited for it: what came of it, or that somebody else must make it. */
export type Landing = { outcome: SharedOutcome; leader: string } | 'given up';

/** A call that several requests of this process want, while one of them sees to it. */
export interface Flight {
  readonly landed: Promise<Landing>;
  /** Lets the others go on. Later landings change nothing. */
  land(landing: Landing): void;
}

/** The flights of this process, by fingerprint. */
export interface Flights {
  find(fingerprint: string): Flight | undefined;
  /** A new flight, which is found until it lands. */
  begin(fingerprint: string): Flight;
}

/** Where a process keeps its flights: none yet. */
export function newFlights(): Flights {
  const flights = new Map<string, Flight>();
  return {
    find: (fingerprint) => flights.get(fingerprint),
    begin(fingerprint) {
      const { promise, resolve } = Promise.withResolvers<Landing>();
      const flight: Flight = {
        landed: promise,
        land(landing) {
          if (flights.get(fingerprint) === flight) flights.delete(fingerprint);
          resolve(landing);
        },
      };
      flights.set(fingerprint, flight);
      return flight;
    },
  };
}
