import { sentenceEncoder } from '../embedding/sentence-encoder.ts';
import { encodeVector } from '../embedding/vector-text.ts';

const encoder = sentenceEncoder();

/** Turns `{text}` into `{vector}`, for the chat function's semantic cache. */
export async function handler({ text }: { text: string }): Promise<{ vector: string }> {
  return { vector: encodeVector(await (await encoder).embed(text)) };
}
