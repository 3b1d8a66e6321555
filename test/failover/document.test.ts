import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { CELLS, type Cell, cellsOf, type Fault, nameOf, owedVerdict } from './fault.ts';
import { FAULTS } from './faults.ts';

const PAGE = join(import.meta.dirname, '../../docs/reliability.md');

/** The verdict that the test asserts, for each of the requests; a dash where there is none. */
function asserted(fault: Fault): string[] {
  const names = cellsOf(fault).map(nameOf);
  return CELLS.map((cell: Cell) => (names.includes(nameOf(cell)) ? owedVerdict(fault, cell) : '–'));
}

it('docs/reliability.md has a row for every fault, as the tests have it', () => {
  const rows = FAULTS.map((fault) => {
    const { id, title, caller, provider } = fault;
    return `| ${[id, title, caller, provider, ...asserted(fault)].join(' | ')} |`;
  });
  const isRow = (line: string) =>
    line.startsWith('| ') && line.split(' | ').length === 9 && !line.startsWith('| fault');
  const lines = readFileSync(PAGE, 'utf8').split('\n');
  const found = lines.filter(isRow).filter((line) => !line.startsWith('| S15 '));
  expect(found).toEqual(rows);
});
