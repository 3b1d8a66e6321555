import { CELLS, nameOf, type Verdict } from './fault.ts';

/** The verdicts of a run, by fault and by the name of the request. */
export interface Scorecard {
  note(id: string, title: string, cell: string, verdict: Verdict): void;
  text(): string;
}

const COLUMNS = CELLS.map(nameOf);

/** What Failover Bench runs: streams, with a fallback. */
const PUBLISHED_COLUMNS = ['stream', 'held stream'];

/** A scorecard with its rows in the order of these ids. */
export function newScorecard(order: readonly string[]): Scorecard {
  const rows = new Map<string, { title: string; verdicts: Map<string, Verdict> }>();
  return {
    note(id, title, cell, verdict) {
      const row = rows.get(id) ?? { title, verdicts: new Map() };
      row.verdicts.set(cell, verdict);
      rows.set(id, row);
    },
    text() {
      const inOrder = [...rows].sort(([a], [b]) => order.indexOf(a) - order.indexOf(b));
      const lines = inOrder.map(([id, { title, verdicts }]) => {
        const cells = COLUMNS.map((column) => (verdicts.get(column) ?? '').padEnd(13));
        return `${id.padEnd(22)}${cells.join('')}${title}`;
      });
      const published = [...rows].filter(([id]) => /^S\d\d$/.test(id));
      const summaries = PUBLISHED_COLUMNS.map((column) => {
        const verdictsIn = published.map(([, { verdicts }]) => verdicts.get(column) ?? verdicts.get('stream'));
        const counts = (['pass', 'partial', 'safe', 'fail'] as const).map(
          (verdict) => `${verdictsIn.filter((found) => found === verdict).length} ${verdict}`,
        );
        return `${published.length} faults of Failover Bench, ${column} with a fallback: ${counts.join(', ')}`;
      });
      const heading = `${'fault'.padEnd(22)}${COLUMNS.map((column) => column.padEnd(13)).join('')}`;
      return ['', heading, ...lines, ...summaries, ''].join('\n');
    },
  };
}
