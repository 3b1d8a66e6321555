import { FRESHNESS_WORDS } from '../words.ts';
import { areEqual, membersIn, type Veto } from './veto.ts';

/** About another day, or about now and at any time. */
export const differInFreshness: Veto = ({ one, other }) =>
  !areEqual(membersIn(one.words, FRESHNESS_WORDS), membersIn(other.words, FRESHNESS_WORDS));
