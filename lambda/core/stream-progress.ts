import { endingOf, flawOfEnding, hasError, writtenCharacters } from './completion.ts';
import { isJsonObject, type JsonObject } from './json-body.ts';
import { readOpenAiUsage, type TokenUsage } from './usage.ts';

/** A provider's stream so far. A new one is {@link newStreamProgress}; {@link followChunk} moves it on. */
export interface StreamProgress {
  /** Something a model wrote has arrived, or a choice ended in a way that may be empty: the answer can begin. */
  hasBegun: boolean;
  /** A stop sequence may end a choice before its first word. */
  mayBeEmpty: boolean;
  /** How many choices were asked for. */
  expectedChoices: number;
  /** Characters written so far, by choice. */
  written: Map<number, number>;
  endedChoices: Set<number>;
  /** The ending of choice 0. */
  finishReason: string | undefined;
  contentChunks: number;
  outputCharacters: number;
  usage: TokenUsage | undefined;
  /** How the provider says it serves the request, or how it was asked to. */
  serviceTier: unknown;
  /** The last chunk's `id`, `created` and `model`, from which we can build a chunk of our own. */
  identity: JsonObject;
}

export function newStreamProgress(
  expectedChoices: number,
  mayBeEmpty = false,
  askedTier: unknown = undefined,
): StreamProgress {
  return {
    mayBeEmpty,
    hasBegun: false,
    expectedChoices,
    written: new Map(),
    endedChoices: new Set(),
    finishReason: undefined,
    contentChunks: 0,
    outputCharacters: 0,
    usage: undefined,
    serviceTier: askedTier,
    identity: {},
  };
}

/** Every choice asked for, and every one that began, has ended. A stream that stops before is cut. */
export function isComplete({ expectedChoices, endedChoices, written }: StreamProgress): boolean {
  return endedChoices.size >= expectedChoices && [...written.keys()].every((index) => endedChoices.has(index));
}

/** Takes one chunk into the progress, in place. Answers why the chunk cannot be part of a good stream, or undefined. */
export function followChunk(progress: StreamProgress, chunk: unknown): string | undefined {
  if (!isJsonObject(chunk)) return 'a chunk is no JSON object';
  if (hasError(chunk)) return 'it reported an error';
  if (!Array.isArray(chunk.choices)) return 'a chunk has no list of choices';
  for (const choice of chunk.choices) {
    const flaw = followChoice(progress, choice);
    if (flaw !== undefined) return flaw;
  }
  // A later report replaces an earlier one, also when it cannot be believed: then there is none.
  if (isJsonObject(chunk.usage)) progress.usage = readOpenAiUsage(chunk.usage);
  progress.serviceTier = chunk.service_tier ?? progress.serviceTier;
  progress.identity = { id: chunk.id, created: chunk.created, model: chunk.model };
  return undefined;
}

function followChoice(progress: StreamProgress, choice: unknown): string | undefined {
  if (!isJsonObject(choice)) return 'a choice is no JSON object';
  if (hasError(choice)) return 'a choice holds an error';
  const index = Number.isInteger(choice.index) ? (choice.index as number) : 0;
  const characters = isJsonObject(choice.delta) ? writtenCharacters(choice.delta) : 0;
  const written = (progress.written.get(index) ?? 0) + characters;
  progress.written.set(index, written);
  if (characters > 0) {
    progress.hasBegun = true;
    progress.contentChunks += 1;
    progress.outputCharacters += characters;
    // Words after an ending mean that it was none.
    progress.endedChoices.delete(index);
  }
  const ending = endingOf(choice);
  return ending === undefined ? undefined : endChoice(progress, index, ending, written);
}

function endChoice(progress: StreamProgress, index: number, ending: string, written: number): string | undefined {
  const flaw = flawOfEnding(ending, written, progress.mayBeEmpty);
  if (flaw !== undefined) return flaw;
  if (index === 0) progress.finishReason = ending;
  progress.endedChoices.add(index);
  progress.hasBegun = true;
  return undefined;
}
