import { invalidRequest } from './errors.ts';
import type { JsonObject } from './json-body.ts';

/** A check of one field: undefined when the value is fine, otherwise what it must be. */
type FieldCheck = (value: unknown) => string | undefined;

export type FieldChecks = Readonly<Record<string, FieldCheck>>;

export const text: FieldCheck = (value) => (typeof value === 'string' ? undefined : 'must be a string');

export const flag: FieldCheck = (value) => (typeof value === 'boolean' ? undefined : 'must be true or false');

export function textUpTo(maximum: number): FieldCheck {
  return (value) =>
    typeof value === 'string' && value.length > 0 && value.length <= maximum
      ? undefined
      : `must be a string of 1 to ${maximum} characters`;
}

export function integerBetween(minimum: number, maximum: number): FieldCheck {
  return (value) =>
    Number.isInteger(value) && (value as number) >= minimum && (value as number) <= maximum
      ? undefined
      : `must be a whole number from ${minimum} to ${maximum}`;
}

export function numberBetween(minimum: number, maximum: number): FieldCheck {
  return (value) =>
    typeof value === 'number' && value >= minimum && value <= maximum
      ? undefined
      : `must be a number from ${minimum} to ${maximum}`;
}

export function listOf(item: FieldCheck, maximumLength: number): FieldCheck {
  return (value) => {
    if (!Array.isArray(value) || value.length > maximumLength)
      return `must be a list of at most ${maximumLength} items`;
    const complaint = value.map(item).find((found) => found !== undefined);
    return complaint === undefined ? undefined : `has an item that ${complaint}`;
  };
}

/** Throws a 400 naming the first field that fails its check. Absent and null fields pass: both mean "not given". */
export function checkFields(body: JsonObject, checks: FieldChecks): void {
  for (const [field, check] of Object.entries(checks)) {
    const value = body[field];
    if (value === undefined || value === null) continue;
    const complaint = check(value);
    if (complaint !== undefined) throw invalidRequest(field, `"${field}" ${complaint}.`);
  }
}
