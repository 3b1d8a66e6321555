import { type Candidate, type Decision, decide } from '../../lambda/core/semantic/decide.ts';
import { cosine } from '../../lambda/core/semantic/nearest.ts';
import type { OperatingPoint } from '../../lambda/core/semantic/operating-points.ts';
import { analyse, type Prompt } from '../../lambda/core/semantic/prompt.ts';

/** Prompts with their vectors, taken apart once each. */
export class Judge {
  readonly #vectors: ReadonlyMap<string, Float32Array>;
  readonly #prompts = new Map<string, Prompt>();

  constructor(vectors: ReadonlyMap<string, Float32Array>) {
    this.#vectors = vectors;
  }

  readonly #scores = new Map<string, number>();

  vector(text: string): Float32Array {
    const vector = this.#vectors.get(text);
    if (!vector) throw new Error('A prompt was not embedded.');
    return vector;
  }

  prompt(text: string): Prompt {
    const known = this.#prompts.get(text) ?? analyse(text);
    this.#prompts.set(text, known);
    return known;
  }

  candidate(asked: string, kept: string, fingerprint: string): Candidate {
    return { fingerprint, prompt: this.prompt(kept), likeness: cosine(this.vector(asked), this.vector(kept)) };
  }

  /** The score of two prompts at one operating point, computed once; 0 where a veto speaks first. */
  scoreOf(asked: string, kept: string, point: OperatingPoint): number {
    const key = `${asked}\n${kept}`;
    const score = this.#scores.get(key) ?? this.decide(asked, kept, point).score ?? 0;
    this.#scores.set(key, score);
    return score;
  }

  /** What would become of `asked` if `kept` were the only entry. */
  decide(asked: string, kept: string, point: OperatingPoint): Decision {
    return decide(this.prompt(asked), [this.candidate(asked, kept, kept)], point);
  }
}
