import type { VetoId } from './vetoes/index.ts';

/** How much likeness two prompts need for one answer. */
export interface OperatingPoint {
  /** What must not differ. */
  vetoes: readonly VetoId[];
  /** From this score on a kept answer is served. */
  servesFrom: number;
  /** From this score on a pair without a veto is worth a second look, once the fresh answer is there. */
  looksFrom: number;
}

const ALWAYS: readonly VetoId[] = [
  'numbers',
  'identifiers',
  'negation',
  'freshness',
  'scope',
  'format',
  'names',
  'question',
  'opposites',
  'roles',
];

/** What `default` asks for; the score is trained on pairs that pass these. */
export const DEFAULT_VETOES: readonly VetoId[] = [...ALWAYS, 'one word'];

/**
 * The modes by name. The thresholds were chosen on the groups in bench/semantic/training, left out one fold after the other,
 * and on the development sets; docs/semantic-cache.md has what each comes to.
 */
export const OPERATING_POINTS = {
  /** Only words that mean the same: for answers that must not be wrong. */
  strict: { vetoes: [...DEFAULT_VETOES, 'any word'], servesFrom: 0.5, looksFrom: 0.3 },
  default: { vetoes: DEFAULT_VETOES, servesFrom: 0.5, looksFrom: 0.2 },
  /** For questions whose answers differ little, such as those to a support desk. */
  loose: { vetoes: DEFAULT_VETOES, servesFrom: 0.25, looksFrom: 0.15 },
} as const satisfies Record<string, OperatingPoint>;

export type SemanticMode = keyof typeof OPERATING_POINTS;

/** Below this likeness of their vectors two prompts are not compared. */
export const LEAST_LIKENESS = 0.4;
