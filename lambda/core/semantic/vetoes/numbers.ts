import type { Prompt } from '../prompt.ts';
import { areEqual, haveEqualItems, type Veto } from './veto.ts';

/** Other numbers, other units, other months, or another formula. */
export const differInNumbers: Veto = ({ one, other }) =>
  !haveEqualItems(one.numbers, other.numbers) ||
  differInUnits(one.units, other.units) ||
  differInMeasures(one.measures, other.measures) ||
  onlyOneIsIn(one, other) ||
  !areEqual(one.months, other.months) ||
  (one.formulas.length > 0 && other.formulas.length > 0 && !haveEqualItems(one.formulas, other.formulas));

/** A unit may be left out ("200 of them"), and one more may be said, but none may stand for another. */
function differInUnits(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  const isIn = (unit: string, there: ReadonlySet<string>) => there.has(unit);
  return [...one].some((unit) => !isIn(unit, other)) && [...other].some((unit) => !isIn(unit, one));
}

/** The same numbers, with their units exchanged: "20 percent of 150", "150 percent of 20". */
function differInMeasures(one: ReadonlyMap<number, string>, other: ReadonlyMap<number, string>): boolean {
  if ([...one].some(([value, unit]) => (other.get(value) ?? unit) !== unit)) return true;
  return one.size === 1 && other.size === 1 && ![...one.keys()].some((value) => other.has(value));
}

/** "In a week", and no time at all on the other side. */
function onlyOneIsIn(one: Prompt, other: Prompt): boolean {
  if (one.units.size > 0 === other.units.size > 0) return false;
  return /\b(?:in|within) an? (?:single )?(?:minute|hour|day|week|month|year)\b/.test(
    one.units.size > 0 ? one.text : other.text,
  );
}
