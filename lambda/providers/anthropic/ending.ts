import { isJsonObject, type JsonObject } from '../../core/json-body.ts';

/** `pause_turn` means that there is more to come, and so does OpenAI's `length`. */
const FINISH_REASONS: ReadonlyMap<string, string> = new Map([
  ['end_turn', 'stop'],
  ['stop_sequence', 'stop'],
  ['max_tokens', 'length'],
  ['model_context_window_exceeded', 'length'],
  ['pause_turn', 'length'],
  ['tool_use', 'tool_calls'],
  ['refusal', 'content_filter'],
]);

/** OpenAI's finish reason for Anthropic's stop reason; null while there is none, and what is unknown as it is. */
export function finishReasonOf(stopReason: unknown): string | null {
  if (typeof stopReason !== 'string' || stopReason === '') return null;
  return FINISH_REASONS.get(stopReason) ?? stopReason;
}

/** Why the model refused, in Anthropic's words, or undefined (Anthropic API reference, Messages: `stop_details`). */
export function refusalText({ stop_reason: reason, stop_details: details }: JsonObject): string | undefined {
  if (reason !== 'refusal' || !isJsonObject(details)) return undefined;
  return typeof details.explanation === 'string' ? details.explanation : undefined;
}
