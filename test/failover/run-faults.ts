import { afterAll, describe, expect, it } from 'vitest';
import { type Cell, cellsOf, type Fault, isAtLeast, nameOf, owedVerdict } from './fault.ts';
import { FAULTS } from './faults.ts';
import { runFlapping } from './flapping.ts';
import { type Judgement, judge } from './judge.ts';
import type { Profile } from './profiles.ts';
import { runCell } from './run-cell.ts';
import { newScorecard } from './scorecard.ts';

/** S15 is no fault of one request, but has its place between the others. */
const ORDER = FAULTS.flatMap(({ id }) => (id === 'S16' ? ['S15', id] : [id]));

/** One test for each fault, with the four requests in it, and the scorecard of all at the end. */
export function testFaults(profile: Profile): void {
  const scorecard = newScorecard(ORDER);
  const isAlone = ({ isMemoryBound = false }: Fault) => isMemoryBound;

  async function judged(fault: Fault, cell: Cell): Promise<Judgement> {
    const judgement = judge(fault, cell, profile, await runCell(fault, cell, profile));
    scorecard.note(fault.id, fault.title, nameOf(cell), judgement.verdict);
    return judgement;
  }

  /** Whatever is worse than what is owed, with the reasons why. */
  function expectWhatIsOwed(fault: Fault, results: [Cell, Judgement][]): void {
    const worse = results.filter(([cell, { verdict }]) => !isAtLeast(verdict, owedVerdict(fault, cell)));
    expect(Object.fromEntries(worse.map(([cell, judgement]) => [nameOf(cell), judgement]))).toEqual({});
  }

  describe('a primary provider with a fault', () => {
    it.concurrent.each(FAULTS.filter((fault) => !isAlone(fault)))('$id: $title', async (fault) => {
      const run = async (cell: Cell): Promise<[Cell, Judgement]> => [cell, await judged(fault, cell)];
      expectWhatIsOwed(fault, await Promise.all(cellsOf(fault).map(run)));
    });

    it.concurrent('S15: 503 for a time, then healthy, with requests all along', async () => {
      const judgement = await runFlapping(profile);
      scorecard.note('S15', '503 for a time, then healthy', 'stream', judgement.verdict);
      expect(judgement).toEqual({ verdict: 'pass', problems: [], advice: [] });
    });

    // These measure the memory of the whole process.
    it.each(FAULTS.filter(isAlone))('$id: $title', async (fault) => {
      const results: [Cell, Judgement][] = [];
      for (const cell of cellsOf(fault)) results.push([cell, await judged(fault, cell)]);
      expectWhatIsOwed(fault, results);
    });
  });

  afterAll(() => void process.stdout.write(scorecard.text()));
}
