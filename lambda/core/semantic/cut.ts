/** The encoder takes the longer the longer the text is; beyond this its vector hardly changes. */
const HEAD_CHARACTERS = 200;
const TAIL_CHARACTERS = 100;

/**
 * What of a prompt is embedded: all of a short one, the beginning and the end of a long one, where its task mostly stands. The
 * decision reads the whole prompt.
 */
export function cutForEmbedding(prompt: string): string {
  if (prompt.length <= HEAD_CHARACTERS + TAIL_CHARACTERS) return prompt;
  return `${prompt.slice(0, HEAD_CHARACTERS)} ${prompt.slice(-TAIL_CHARACTERS)}`;
}
