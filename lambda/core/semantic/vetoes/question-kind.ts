import { modalityOf } from '../clause.ts';
import { askDifferently, onlyOneAsksWhy } from '../question.ts';
import type { Veto } from './veto.ts';

/** Why and when, where and who, how much and how long; whether it can be done and whether it must. */
export const askForOtherThings: Veto = ({ one, other }) => {
  const [mine, yours] = [modalityOf(one), modalityOf(other)];
  if (mine !== undefined && yours !== undefined && mine !== yours) return true;
  return askDifferently(one.questions, other.questions) || onlyOneAsksWhy(one, other);
};
