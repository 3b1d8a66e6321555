/** As much of an end user's name as is kept; the provider gets it whole. */
const MAXIMUM_LENGTH = 256;

/** An end user's name as it is kept, and so as it must be looked for: no longer than this, and without halves of characters. */
export function keptUser(name: string): string {
  return name.slice(0, MAXIMUM_LENGTH).toWellFormed();
}
