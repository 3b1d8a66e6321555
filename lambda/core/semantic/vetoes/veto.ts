import type { Alignment } from '../alignment.ts';

/** True when two prompts differ in something that no likeness outweighs. Vetoes are symmetric: the order of the two is nothing to them. */
export type Veto = (alignment: Alignment) => boolean;

/** True when two sets hold the same. */
export function areEqual<T>(one: ReadonlySet<T>, other: ReadonlySet<T>): boolean {
  return one.size === other.size && [...one].every((item) => other.has(item));
}

/** True when two lists hold the same, however often and in whatever order. */
export function haveEqualItems<T extends number | string>(one: readonly T[], other: readonly T[]): boolean {
  return one.length === other.length && [...one].sort().join('\n') === [...other].sort().join('\n');
}

/** The words of a set that a list has. */
export function membersIn(words: readonly string[], set: ReadonlySet<string>): Set<string> {
  return new Set(words.filter((word) => set.has(word)));
}
