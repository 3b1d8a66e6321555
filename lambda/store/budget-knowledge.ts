import type { Ceilings } from '../core/budget.ts';
import type { Day } from '../core/calendar.ts';
import type { MicroDollars } from '../core/price.ts';
import type { Clock } from '../ports.ts';
import { type BudgetDay, sumDays } from './budget-item.ts';

/** Other processes spend, too: what is older says little. */
const BELIEVED_MS = 60_000;

/** Callers whose standing a process remembers. */
const MAXIMUM_REMEMBERED = 10_000;

interface Standing {
  day: Day;
  ceilings: Ceilings;
  committed: { account: MicroDollars; key: MicroDollars };
  knownAtMs: number;
}

type Whose = { account: string; keyId: string };

/** What a process knows of its callers' budgets from its own reservations and settlements, without asking for more. */
export function budgetKnowledge(clock: Clock) {
  const standings = new Map<string, Standing>();
  const nameOf = ({ account, keyId }: Whose) => `${account}#${keyId}`;

  return {
    /** What a write or a look has shown. Ceilings are those of a reservation; a settlement goes by the last ones. */
    note(whose: Whose, day: Day, held: BudgetDay, ceilings?: Ceilings): void {
      const name = nameOf(whose);
      const known = standings.get(name);
      const their = ceilings ?? (known?.day === day ? known.ceilings : undefined);
      if (!their) return;
      standings.delete(name);
      standings.set(name, { day, ceilings: their, committed: sumDays([held], whose.keyId), knownAtMs: clock() });
      if (standings.size > MAXIMUM_REMEMBERED) standings.delete(standings.keys().next().value as string);
    },

    /** What is left of the nearest of the caller's budgets, micro-dollars; undefined when nothing is known of today. */
    left(whose: Whose, today: Day): MicroDollars | undefined {
      const known = standings.get(nameOf(whose));
      if (!known || known.day !== today || clock() - known.knownAtMs > BELIEVED_MS) return undefined;
      const { ceilings, committed } = known;
      const left = Math.min(ceilings.account.most - committed.account, ceilings.key.most - committed.key);
      return Number.isFinite(left) ? Math.max(0, left) : undefined;
    },
  };
}
