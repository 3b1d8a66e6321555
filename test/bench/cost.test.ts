import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { idleBill } from '../../bench/cost/idle.ts';
import { dollarsPerMillion, KINDS } from '../../bench/cost/requests.ts';
import { deployment } from '../../config/deployment.ts';

const page = readFileSync(new URL('../../docs/cost.md', import.meta.url), 'utf8');

/** The cells of the table below this heading, but for its head. */
function rowsBelow(heading: string): string[][] {
  const [, section = ''] = page.split(`## ${heading}\n`);
  const [text = ''] = section.split('\n## ');
  const rows = text.split('\n').filter((line) => line.startsWith('|'));
  return rows.slice(2).map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

describe('docs/cost.md', () => {
  it('has the dollars that npm run bench -- cost makes of units and prices, kind by kind', () => {
    const rows = rowsBelow('In AWS, for a million requests');
    expect(rows).toHaveLength(KINDS.length);
    for (const [index, kind] of KINDS.entries()) {
      const cells = (rows[index] ?? []).slice(1).map(Number);
      const logs = cells[5] ?? 0;
      // Bytes of log lines are counted by the bench; the page's own figure stands for them here.
      const { logs: _, ...parts } = dollarsPerMillion(kind, deployment.chatMemoryMegabytes, 0);
      const expected = Object.values(parts).map((part) => Number(part.toFixed(2)));
      expect(cells.toSpliced(5, 1).slice(0, -1)).toEqual(expected);
      const together = Object.values(parts).reduce((sum, part) => sum + part, logs);
      expect(Math.abs((cells.at(-1) ?? 0) - together)).toBeLessThan(0.02);
    }
  });

  it('has the idle bill of the stack that is deployed by default', () => {
    const total = idleBill().reduce((sum, { dollarsAMonth }) => sum + dollarsAMonth, 0);
    const rows = new Map(rowsBelow('In AWS, for a month without a request').map(([what, dollars]) => [what, dollars]));
    expect(rows.get('together')).toBe(total.toFixed(2));
  });
});
