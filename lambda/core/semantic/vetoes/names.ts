import type { Veto } from './veto.ts';

/** A name, of a person, place, product or language, that the other prompt does not have. */
export const differInNames: Veto = ({ leftOne, leftOther }) => [...leftOne, ...leftOther].some(({ isName }) => isName);
