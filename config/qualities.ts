import type { Place, PublishedQuality } from '../lambda/core/routing/quality.ts';
import type { ModelId } from './models.ts';

/** whatmodel.sh puts the results of many public benchmarks into one score; read on 2026-11-24 from its page of each model. */
const SOURCE = 'https://github.com/jakemanger/whatmodel, pages/model';

const among732 = (place: number): Place => [place, 732];
const coding = (place: number): Place => [place, 469];
const math = (place: number): Place => [place, 431];
const writing = (place: number): Place => [place, 402];

const gptOss120b = {
  source: SOURCE,
  score: 61.5,
  place: among732(187),
  coding: coding(164),
  math: math(112),
  writing: writing(164),
} as const satisfies PublishedQuality;

/**
 * What is published of our models, as far as it is. A model without an entry is never chosen by `auto`: what nobody has
 * measured is not guessed. Enter a model of your own with the score you measured.
 */
export const qualities = {
  'openai/gpt-6-sol': {
    source: SOURCE,
    score: 80.1,
    place: among732(11),
    coding: coding(10),
    math: math(6),
    writing: writing(45),
  },
  'openai/gpt-6-luna': {
    source: SOURCE,
    score: 75.1,
    place: among732(33),
    coding: coding(37),
    math: math(18),
    writing: writing(64),
  },
  'openai/gpt-5.6-luna': {
    source: SOURCE,
    score: 75,
    place: among732(34),
    coding: coding(49),
    math: math(17),
    writing: writing(54),
  },
  'openai/gpt-5.4-mini': {
    source: SOURCE,
    score: 70.1,
    place: among732(79),
    coding: coding(95),
    math: math(60),
    writing: writing(57),
  },
  'openai/gpt-4.1-mini': {
    source: SOURCE,
    score: 60.2,
    place: among732(197),
    coding: coding(183),
    math: math(179),
    writing: writing(134),
  },
  'openai/gpt-4o-mini': {
    source: SOURCE,
    score: 54,
    place: among732(302),
    coding: coding(222),
    math: math(260),
    writing: writing(208),
  },
  'anthropic/claude-opus-5-5': {
    source: SOURCE,
    score: 84.7,
    place: among732(2),
    coding: coding(1),
    math: math(3),
    writing: writing(3),
  },
  'anthropic/claude-sonnet-5': {
    source: SOURCE,
    score: 73.4,
    place: among732(46),
    coding: coding(44),
    math: math(37),
    writing: writing(42),
  },
  'gemini/gemini-3.8-flash': {
    source: SOURCE,
    score: 75.5,
    place: among732(28),
    coding: coding(35),
    math: math(35),
    writing: writing(9),
  },
  'gemini/gemini-3.5-flash': {
    source: SOURCE,
    score: 72.7,
    place: among732(53),
    coding: coding(57),
    math: math(44),
    writing: writing(25),
  },
  'gemini/gemini-3.5-flash-lite': {
    source: SOURCE,
    score: 67.8,
    place: among732(101),
    coding: coding(80),
    math: math(142),
    writing: writing(47),
  },
  'gemini/gemini-2.5-flash': {
    source: SOURCE,
    score: 61.8,
    place: among732(185),
    coding: coding(207),
    math: math(83),
    writing: writing(109),
  },
  'mistral/mistral-large': {
    source: SOURCE,
    score: 61.5,
    place: among732(189),
    coding: coding(181),
    writing: writing(101),
  },
  'mistral/mistral-medium': {
    source: SOURCE,
    score: 64.2,
    place: among732(153),
    coding: coding(158),
    math: math(183),
    writing: writing(83),
  },
  'deepseek/deepseek-v4-pro': {
    source: SOURCE,
    score: 74.7,
    place: among732(37),
    coding: coding(32),
    math: math(38),
    writing: writing(40),
  },
  'deepseek/deepseek-v4-flash': {
    source: SOURCE,
    score: 72.4,
    place: among732(55),
    coding: coding(38),
    math: math(43),
    writing: writing(73),
  },
  // The speeds are those on the providers' pages of models.
  'groq/gpt-oss-120b': { ...gptOss120b, tokensPerSecond: 500 },
  'cerebras/gpt-oss-120b': { ...gptOss120b, tokensPerSecond: 3_000 },
  'bedrock/gpt-oss-120b': gptOss120b,
  'together/gpt-oss-120b': gptOss120b,
  'cohere/command-a': {
    source: SOURCE,
    score: 57.9,
    place: among732(228),
    coding: coding(230),
    math: math(256),
    writing: writing(161),
  },
} as const satisfies Partial<Record<ModelId, PublishedQuality>>;
