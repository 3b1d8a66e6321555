import { gunzipSync } from 'node:zlib';

/** Everything in an item as text, bytes unpacked as far as they are compressed. */
export function textOf(value: unknown): string {
  if (value instanceof Uint8Array) {
    try {
      return gunzipSync(value).toString('utf8');
    } catch {
      return Buffer.from(value).toString('latin1');
    }
  }
  if (Array.isArray(value)) return value.map(textOf).join('\n');
  if (value instanceof Set) return textOf([...value]);
  if (typeof value === 'object' && value !== null)
    return Object.entries(value)
      .map(([name, one]) => `${name} ${textOf(one)}`)
      .join('\n');
  return String(value);
}
