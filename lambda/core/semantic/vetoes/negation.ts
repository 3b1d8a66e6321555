import type { Veto } from './veto.ts';

/** One says no, the other does not. */
export const differInNegation: Veto = ({ one, other }) => one.isNegated !== other.isNegated;
