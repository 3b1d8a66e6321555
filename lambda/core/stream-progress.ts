import { writtenCharacters } from './completion.ts';
import { isJsonObject, type JsonObject } from './json-body.ts';
import { readOpenAiUsage, type TokenUsage } from './usage.ts';

/** A provider's stream so far. A new one is {@link newStreamProgress}; {@link followChunk} moves it on. */
export interface StreamProgress {
  /** Something a model wrote has arrived, or a choice ended in a way that may be empty: the answer can begin. */
  hasBegun: boolean;
  /** Choices that have started and not ended, by index. */
  openChoices: Set<number>;
  endedChoices: Set<number>;
  /** The ending of choice 0. */
  finishReason: string | undefined;
  contentChunks: number;
  outputCharacters: number;
  usage: TokenUsage | undefined;
  /** The last chunk's `id`, `created` and `model`, from which we can build a chunk of our own. */
  identity: JsonObject;
}

export function newStreamProgress(): StreamProgress {
  return {
    hasBegun: false,
    openChoices: new Set(),
    endedChoices: new Set(),
    finishReason: undefined,
    contentChunks: 0,
    outputCharacters: 0,
    usage: undefined,
    identity: {},
  };
}

/** Every choice that began has ended. A stream that stops before is cut. */
export function isComplete(progress: StreamProgress): boolean {
  return progress.endedChoices.size > 0 && progress.openChoices.size === 0;
}

/** Takes one chunk into the progress, in place. Answers why the chunk cannot be part of a good stream, or undefined. */
export function followChunk(progress: StreamProgress, chunk: unknown): string | undefined {
  if (!isJsonObject(chunk)) return 'a chunk is no JSON object';
  if (chunk.error !== undefined && chunk.error !== null) return 'it reported an error';
  if (!Array.isArray(chunk.choices)) return 'a chunk has no list of choices';
  for (const choice of chunk.choices) {
    const flaw = followChoice(progress, choice);
    if (flaw !== undefined) return flaw;
  }
  if (isJsonObject(chunk.usage)) progress.usage = readOpenAiUsage(chunk.usage) ?? progress.usage;
  progress.identity = { id: chunk.id, created: chunk.created, model: chunk.model };
  return undefined;
}

function followChoice(progress: StreamProgress, choice: unknown): string | undefined {
  if (!isJsonObject(choice)) return 'a choice is no JSON object';
  const index = Number.isInteger(choice.index) ? (choice.index as number) : 0;
  if (!progress.endedChoices.has(index)) progress.openChoices.add(index);
  const characters = isJsonObject(choice.delta) ? writtenCharacters(choice.delta) : 0;
  if (characters > 0) {
    progress.hasBegun = true;
    progress.contentChunks += 1;
    progress.outputCharacters += characters;
  }
  if (typeof choice.finish_reason !== 'string') return undefined;
  if (index === 0) progress.finishReason = choice.finish_reason;
  progress.openChoices.delete(index);
  progress.endedChoices.add(index);
  if (choice.finish_reason === 'length' || choice.finish_reason === 'content_filter') progress.hasBegun = true;
  return choice.finish_reason === 'error' ? 'it ended with an error' : undefined;
}
