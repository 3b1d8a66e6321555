import type { JsonObject } from '../../lambda/core/json-body.ts';
import type { SimulatedAnswer } from './answer.ts';

/** How a provider words what the simulated model says; one for each wire. */
export interface SimulatedFormat {
  /** A request in OpenAI's words. */
  chatOf(body: JsonObject): JsonObject;
  /** What the answer used, in the provider's words. */
  usageOf(answer: SimulatedAnswer): JsonObject;
  impossibleUsage: JsonObject;
  /** The whole answer to this request; without `usage` it leaves that out. */
  whole(answer: SimulatedAnswer, usage: JsonObject | undefined, body: JsonObject): JsonObject;
  /** The same as the text of a stream, in steps: a beginning, a step for each piece, and the end in one or more. */
  steps(answer: SimulatedAnswer, usage: JsonObject | undefined, body: JsonObject): Generator<string>;
  /** An error, as a body and as an event of a stream. */
  error(message: string, status: number): JsonObject;
  errorEvent(message: string): string;
  /** JSON that breaks off, as an answer and as a stream. */
  malformed: { whole: string; stream: string };
}
