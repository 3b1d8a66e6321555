import { stem } from '../stem.ts';
import { FORMAT_WORDS, LANGUAGE_NAMES } from '../words.ts';
import { areEqual, membersIn, type Veto } from './veto.ts';

/** Another audience, form or length, or another language asked for or spoken. */
export const differInFormat: Veto = ({ one, other, leftOne, leftOther }) =>
  one.language !== other.language ||
  !areEqual(membersIn(one.words, LANGUAGE_NAMES), membersIn(other.words, LANGUAGE_NAMES)) ||
  [...leftOne, ...leftOther].some(({ word, stem: itsStem }) => FORMAT_WORDS.has(word) || FORMAT_STEMS.has(itsStem));

const FORMAT_STEMS = new Set([...FORMAT_WORDS].map(stem));
