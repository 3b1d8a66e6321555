import { areEqual, haveEqualItems, type Veto } from './veto.ts';

/** Other numbers, other units, other months, or another formula. */
export const differInNumbers: Veto = ({ one, other }) =>
  !haveEqualItems(one.numbers, other.numbers) ||
  differInUnits(one.units, other.units) ||
  [...one.measures].some(([value, unit]) => (other.measures.get(value) ?? unit) !== unit) ||
  !areEqual(one.months, other.months) ||
  (one.formulas.length > 0 && other.formulas.length > 0 && !haveEqualItems(one.formulas, other.formulas));

/** A unit may be left out ("200 of them"), and one more may be said, but none may stand for another. */
function differInUnits(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  const isIn = (unit: string, there: ReadonlySet<string>) => there.has(unit);
  return [...one].some((unit) => !isIn(unit, other)) && [...other].some((unit) => !isIn(unit, one));
}
