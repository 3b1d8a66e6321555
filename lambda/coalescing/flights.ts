import type { Broadcast } from './broadcast.ts';
import type { SharedOutcome } from './outcome.ts';
import { unlessAborted } from './unless-aborted.ts';

/** How a call ended for those who waited for it: what came of it, or that somebody else must make it. */
export type Landing = SharedLanding | 'given up';

/** What came of the call of a request, by that request's id. */
export interface SharedLanding {
  outcome: SharedOutcome;
  leader: string;
}

/** An answer on its way, which others can follow. */
export interface LiveAnswer {
  leader: string;
  modelId: string;
  /** When its leader's time is up, and with it the answer's. */
  deadlineAtMs: number;
  broadcast: Broadcast;
}

/** A live answer that somebody follows, until he leaves. */
export interface FollowedAnswer extends LiveAnswer {
  leave(): void;
}

/** A call that several requests of this process want, while one of them sees to it. */
export interface Flight {
  /** Lets the others go on. Later landings change nothing. */
  land(landing: Landing): void;
  /** An answer has begun as a stream. */
  stream(live: LiveAnswer): void;
  /** Waits for the landing, or for a stream of which `wants` is true. Throws the signal's reason when that ends first. */
  wait(signal: AbortSignal, wants: (live: LiveAnswer) => boolean): Promise<Landing | FollowedAnswer>;
  /** Somebody beside the leader waits, or follows. */
  isJoined(): boolean;
  /** Called when the last of the others has gone. */
  onDeserted: () => void;
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
      const flight = newFlight(() => {
        if (flights.get(fingerprint) === flight) flights.delete(fingerprint);
      });
      flights.set(fingerprint, flight);
      return flight;
    },
  };
}

function newFlight(landed: () => void): Flight {
  const landing = Promise.withResolvers<Landing>();
  const live = Promise.withResolvers<LiveAnswer>();
  let others = 0;

  function join(): () => void {
    others += 1;
    let isHere = true;
    return () => {
      if (!isHere) return;
      isHere = false;
      others -= 1;
      if (others === 0) flight.onDeserted();
    };
  }

  const flight: Flight = {
    land(outcome) {
      landed();
      landing.resolve(outcome);
    },
    stream: live.resolve,

    async wait(signal, wants) {
      const leave = join();
      let follows = false;
      try {
        const seen = await unlessAborted(Promise.race([landing.promise, live.promise]), signal);
        if (seen === 'given up' || !('broadcast' in seen)) return seen;
        follows = wants(seen);
        if (follows) return { ...seen, leave };
        // Its own reader may be slow, and the whole answer is there only once all of it was read.
        seen.broadcast.readOn(signal).catch(() => {});
        return await unlessAborted(landing.promise, signal);
      } finally {
        if (!follows) leave();
      }
    },
    isJoined: () => others > 0,
    onDeserted: () => {},
  };
  return flight;
}
