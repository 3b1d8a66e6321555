import { type Cues, type FoundCues, findCues } from './cues.ts';
import { normalize } from './normalize.ts';

/** A prompt, taken apart. */
export interface SplitPrompt {
  /** What the caller asks for, in the caller's words. */
  instruction: string;
  /** What is pasted with it: code, an article, a table, a quotation. Empty when there is none. */
  material: string;
}

/** Of a long prompt only its two ends are looked at: the instruction stands in one of them. */
const LOOKED_AT_CHARACTERS = 4_000;

/** An instruction longer than this is one that was not told from its material. Its ends say most. */
const INSTRUCTION_CHARACTERS = 420;

/** Takes a prompt apart. Linear in its length. */
export function splitPrompt(text: string, cues: Cues): SplitPrompt {
  const material: string[] = [];
  const unfenced = ends(text.trim()).replace(/```[\s\S]*?(?:```|$)|<(code|pre)>[\s\S]*?<\/\1>/g, (block) => {
    material.push(block);
    return '\n';
  });
  const lines = unfenced.split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.trim()]));
  const [from, to] = instructionLines(lines, cues);
  material.push(...lines.slice(0, from), ...lines.slice(to));
  const inline = splitLine(lines.slice(from, to).join(' '), cues);
  if (inline.material !== '') material.unshift(inline.material);
  return { instruction: shortened(inline.instruction), material: material.join('\n') };
}

function ends(text: string): string {
  if (text.length <= LOOKED_AT_CHARACTERS) return text;
  const half = LOOKED_AT_CHARACTERS / 2;
  return `${text.slice(0, half)}\n${text.slice(-half)}`;
}

function shortened(instruction: string): string {
  if (instruction.length <= INSTRUCTION_CHARACTERS) return instruction;
  return `${instruction.slice(0, INSTRUCTION_CHARACTERS * 0.6)} ${instruction.slice(-INSTRUCTION_CHARACTERS * 0.4)}`;
}

/** The most lines that an instruction is taken to run over. */
const MOST_LINES = 3;

/** Which lines, from and before, are the instruction: the first ones, or the last, whichever look more like one. */
function instructionLines(lines: string[], cues: Cues): [from: number, to: number] {
  if (lines.length <= 1) return [0, lines.length];
  const [head, tail] = [lines[0], lines.at(-1)] as [string, string];
  const first = likeness(head, cues, POINTS_BEHIND) + 0.5;
  const last = likeness(tail, cues, POINTS_BEFORE);
  const isFirst = first >= last;
  let count = 1;
  while (count < Math.min(MOST_LINES, lines.length - 1)) {
    const next = lines[isFirst ? count : lines.length - 1 - count] as string;
    if (likeness(next, cues) < 2) break;
    count += 1;
  }
  return isFirst ? [0, count] : [lines.length - count, lines.length];
}

/** Words that point to a text before, or behind. */
const POINTS_BEHIND =
  /\b(?:following|below|this|these|folgende|suivant|siguiente|seguinte|seguente)|以下|下面|次の|다음|следующ|التالي/i;
const POINTS_BEFORE = /\babove\b|\bobige|\bci-dessus|\barriba|\bacima|\bsopra\b|以上|上面|上の|위의|выше/i;

/**
 * How much a line looks like an instruction: it names a task, asks, ends with a colon; it is no code, no item, no essay. More where
 * it asks for something to be done with a text, and says where that is.
 */
function likeness(line: string, cues: Cues, points?: RegExp): number {
  const found = findCues(cues, normalize(line.slice(0, 300)));
  const isCode = looksLikeCode(line);
  let score = Math.min(found.groups.filter((group) => ASKING.has(cues.groups[group] as string)).length, 3);
  if (/[?？؟]["'”»)]*$/.test(line)) score += 1;
  if (/[:：]$/.test(line)) score += 1;
  if (isCode) score -= 3;
  if (/^(?:[-*•|]|\d+[.)]|\[\d)/.test(line)) score -= 1.5;
  if (/^\p{Lu}[\p{L}. ]{0,18}: \S/u.test(line)) score -= 1;
  if (line.length > 240) score -= 1.5;
  if (points && !isCode && takesText(found, cues)) score += points.test(line) ? 2.5 : 1;
  return score;
}

/** Groups of cues that speak for an instruction. */
const ASKING = new Set(
  'translate say summarize shorten extract classify table write rewrite code math decide plan advise analyze ideas exam explain wh'.split(
    ' ',
  ),
);

/** True for a line of a program, a configuration, a log or a stack trace. */
export function looksLikeCode(line: string): boolean {
  return (
    /[{};]\s*$|^\s*(?:at |File "|import |from \w+ import|def |class |const |let |var |return |#include|public |SELECT |INSERT |CREATE |for \(|if \(|\$ |<\/?\w+[^>]*>)|=>|\w\(\w*\)|==|\w+\.\w+\(|-{2}>|::|&&|\|\|/.test(
      line,
    ) || /\b(?:\w*Error|\w*Exception|ERR!|fatal:|Traceback|npm|sudo|git)\b.*[:(]/.test(line)
  );
}

/** Groups of cues that ask for something to be done with a text that follows. */
const TAKES_TEXT = new Set('translate say summarize shorten extract classify table rewrite means language'.split(' '));

/** The longest that comes before a colon, as an instruction for what stands behind it. */
const BEFORE_COLON_CHARACTERS = 160;

/** Takes quotations, and what stands behind a colon, out of an instruction of one line. */
function splitLine(line: string, cues: Cues): SplitPrompt {
  const material: string[] = [];
  const colon = line.slice(0, BEFORE_COLON_CHARACTERS).search(/[:：]\s*\S/);
  let instruction = line;
  if (colon > 1 && line.length - colon > 12 && takesText(findCues(cues, normalize(line.slice(0, colon))), cues)) {
    instruction = line.slice(0, colon + 1);
    material.push(line.slice(colon + 1).trim());
  }
  const unquoted = instruction.replace(
    /"[^"]{6,}"|“[^”]{4,}”|«[^»]{4,}»|„[^“”]{4,}[“”]|「[^」]{2,}」|\B'[^']{12,}'\B/g,
    (quotation) => {
      material.push(quotation);
      return ' "" ';
    },
  );
  const isQuotationOnly = normalize(unquoted).trim().length < 3;
  return { instruction: isQuotationOnly ? instruction : unquoted, material: material.join('\n') };
}

function takesText({ groups }: FoundCues, cues: Cues): boolean {
  return groups.some((group) => TAKES_TEXT.has(cues.groups[group] as string));
}
