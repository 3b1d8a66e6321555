/** Where FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv) of 32 bits begins. */
export const HASH_START = 0x811c9dc5;

/** FNV-1a over UTF-16 code units, gone on with from an earlier value: over a part of a text, without making that part. */
export function foldHash(before: number, text: string, start = 0, end = text.length): number {
  let value = before;
  const last = Math.min(end, text.length);
  for (let at = start; at < last; at += 1) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  return value;
}

/** The value as a whole number from 0 on, its low half mixed with its high half. */
export function endHash(value: number): number {
  return (value ^ (value >>> 15)) >>> 0;
}

/** The hash of a whole text. */
export function hash(text: string): number {
  return endHash(foldHash(HASH_START, text));
}
