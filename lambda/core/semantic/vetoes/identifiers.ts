import type { Prompt } from '../prompt.ts';
import { haveEqualItems, type Veto } from './veto.ts';

/** An identifier, a version, a piece of code or a quotation that the other prompt does not have. */
export const differInIdentifiers: Veto = ({ one, other }) =>
  lacks(one, other) ||
  lacks(other, one) ||
  (one.symbols.length > 0 && other.symbols.length > 0 && !haveEqualItems(one.symbols, other.symbols));

function lacks(from: Prompt, there: Prompt): boolean {
  const text = withoutMarks(there.text);
  return (
    [...from.identifiers].some((identifier) => !there.identifiers.has(identifier)) ||
    from.literals.some((literal) => !text.includes(withoutMarks(literal)))
  );
}

/** A quotation ends with its sentence's mark here and without it there. */
function withoutMarks(text: string): string {
  return text.replace(/[`"'.!?\s]+/g, ' ').trim();
}
