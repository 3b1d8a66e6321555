/** Who of the two providers of a failover test is speaking. */
export type Speaker = 'primary' | 'secondary';

const WORDS = 60;

/** The words of a whole answer. Each carries its speaker, so that no part of one passes for a part of the other. */
export function wordsOf(speaker: Speaker): string[] {
  return Array.from({ length: WORDS }, (_, index) => `${speaker}-${index + 1}`);
}

export function textOf(speaker: Speaker): string {
  return wordsOf(speaker).join(' ');
}

export const USAGE = { prompt_tokens: 9, completion_tokens: WORDS, total_tokens: 9 + WORDS };

/** The JSON of a whole answer; a usage of null leaves it out. */
export function completion(model: string, content: string, usage: object | null = USAGE): string {
  const message = { role: 'assistant', content };
  return JSON.stringify({
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1_700_000_000,
    model,
    choices: [{ index: 0, message, finish_reason: 'stop' }],
    ...(usage ? { usage } : {}),
  });
}

function chunkOf(model: string, choices: object[], more: object = {}): string {
  return JSON.stringify({
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1_700_000_000,
    model,
    choices,
    ...more,
  });
}

/** The JSON of a stream's chunk with words. */
export function words(model: string, content: string): string {
  return chunkOf(model, [{ index: 0, delta: { content }, finish_reason: null }]);
}

/** The JSON of the chunk that ends the only choice. */
export function ending(model: string): string {
  return chunkOf(model, [{ index: 0, delta: {}, finish_reason: 'stop' }]);
}

/** The JSON of the chunk with the usage. */
export function usageChunk(model: string, usage: object = USAGE): string {
  return chunkOf(model, [], { usage });
}

/** The JSON of an error in OpenAI's shape. */
export function errorOf(message: string, code: string | null, type = 'server_error'): string {
  return JSON.stringify({ error: { message, type, param: null, code } });
}
