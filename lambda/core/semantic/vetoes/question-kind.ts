import { askDifferently, onlyOneAsksWhy } from '../question.ts';
import type { Veto } from './veto.ts';

/** Why and when, where and who, how much and how long. */
export const askForOtherThings: Veto = ({ one, other }) =>
  askDifferently(one.questions, other.questions) || onlyOneAsksWhy(one, other);
