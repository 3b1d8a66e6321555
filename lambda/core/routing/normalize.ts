// biome-ignore lint/suspicious/noControlCharactersInRegex: the whole of ASCII is meant
const ASCII = /^[\x00-\x7f]*$/;

/** Lower case, and one space for whatever is neither a letter, a mark, a digit, an apostrophe, + nor #. Padded with spaces. */
export function normalize(text: string): string {
  const lower = text.toLowerCase();
  // Most texts are ASCII, whose letters are found several times faster than those of all scripts.
  if (ASCII.test(lower))
    return ` ${lower
      .replace(/`/g, "'")
      .replace(/[^a-z0-9'+#]+/g, ' ')
      .trim()} `;
  return ` ${lower
    .replace(/[’‘`´]/g, "'")
    .replace(/[^\p{L}\p{M}\p{N}'+#]+/gu, ' ')
    .trim()} `;
}

/** True for characters of scripts that set no spaces between words, or glue endings to them: Chinese, Japanese, Korean. */
export function isUnspaced(code: number): boolean {
  return code >= 0x2e80 && code <= 0xffdc;
}
