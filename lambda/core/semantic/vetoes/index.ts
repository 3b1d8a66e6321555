import type { Alignment } from '../alignment.ts';
import { differInFormat } from './format.ts';
import { differInFreshness } from './freshness.ts';
import { differInIdentifiers } from './identifiers.ts';
import { differInNames } from './names.ts';
import { differInNegation } from './negation.ts';
import { differInNumbers } from './numbers.ts';
import { haveOpposites } from './opposites.ts';
import { askForOtherThings } from './question-kind.ts';
import { differInRoles } from './roles.ts';
import { differInScope } from './scope.ts';
import { differInAnyWord, differInOneWord } from './substitution.ts';
import type { Veto } from './veto.ts';

/** All vetoes by the ids that decisions name them with, the cheapest first. */
const VETOES = {
  numbers: differInNumbers,
  identifiers: differInIdentifiers,
  negation: differInNegation,
  freshness: differInFreshness,
  scope: differInScope,
  format: differInFormat,
  names: differInNames,
  question: askForOtherThings,
  opposites: haveOpposites,
  roles: differInRoles,
  'one word': differInOneWord,
  'any word': differInAnyWord,
} as const satisfies Record<string, Veto>;

export type VetoId = keyof typeof VETOES;

/** The ids of the vetoes, of those asked for, that two prompts meet. */
export function vetoesOf(alignment: Alignment, asked: readonly VetoId[]): VetoId[] {
  return asked.filter((id) => VETOES[id](alignment));
}
