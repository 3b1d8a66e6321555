/**
 * What a prompt is about, as far as it decides how long an answer stays true:
 * - `secret`, `personal`, `live`: never kept;
 * - `volatile`: true for minutes; `chat`: for half an hour; `knowledge`: for an hour; `timeless`: for a day.
 */
export type ContentClass = 'secret' | 'personal' | 'live' | 'volatile' | 'chat' | 'knowledge' | 'timeless';

/**
 * The first pattern that fits decides, the strictest first. None may take more than linear time: prompts are long. Wrong towards "personal" or "live" costs a call; wrong towards
 * "timeless" would serve somebody an answer that is not theirs or no longer true.
 */
const PATTERNS: readonly [ContentClass, RegExp][] = [
  [
    'secret',
    /\b(password|passwd|passphrase|api[ _-]?key|secret[ _-]?key|private[ _-]?key|access[ _-]?token|credit card|cvv|ssn|pin code|passwort|kennwort|contraseña|mot de passe|senha)\b|密码|パスワード|\bbearer [\w.-]{16,}|\beyJ[\w-]{16,}|\bglpat-|\b(sk|pk|rk|ghp|gho|xox[abp])[-_][A-Za-z0-9_-]{8,}|\bAKIA[0-9A-Z]{12,}|-----BEGIN /i,
  ],
  [
    'personal',
    /[\w.+-]@[\w-]{1,63}\.\w{2,}|(?<!\d)\+?\d[\d ().-]{8,}\d(?!\d)|\b(my|mine|myself|our|ours|ourselves)\b|\bI(?:'m|’m|'ve|’ve| am| have| had| was| live| work| feel| need| want| think| bought| ordered)\b|\b(me|am i)\b|\bich\b|\b(je|j'ai|suis)\b|\b(yo|soy|estoy|tengo|me llamo)\b|我|私|\b(mein|meine|meinem|meinen|meiner|meines|mir|mich|unser|unsere)\b|\b(mon|ma|mes|moi|notre|nos)\b|\b(mi|mis|mío|nuestro|nuestra)\b/i,
  ],
  [
    'live',
    /\b(now|right now|today|tonight|tomorrow|yesterday|currently|current|latest|live|breaking|this (week|month|year|morning|evening)|at the moment|as of|news|score|stock price|share price|exchange rate|prices?|bitcoin|traffic|what time|what day|what(?:'s| is) the (?:time|date)|heute|jetzt|aktuell|aktuelle[nrs]?|nachrichten|wie spät|aujourd'hui|maintenant|quelle heure|hoy|ahora|qué hora|noticias)\b|现在|今天|今日|現在/i,
  ],
  [
    'volatile',
    /\b(recent|recently|upcoming|schedule|opening hours|availability|in stock|version|release|who is the (president|ceo|prime minister)|20[2-9]\d)\b/i,
  ],
  [
    'timeless',
    /```|\b(translate|translation|define|definition|synonym|antonym|grammar|conjugate|regex|regular expression|function|algorithm|sql|python|javascript|typescript|java|bash|theorem|prove|proof|equation|integral|derivative|calculate|convert)\b|\d\s*[-+*/^=]\s*\d/i,
  ],
  [
    'knowledge',
    /\b(what|why|how|when|where|who|which|explain|describe|summari[sz]e|compare|difference|list|name)\b|\?/i,
  ],
];

/** The class of a prompt; small talk when nothing speaks for another. */
export function contentClass(prompt: string): ContentClass {
  return PATTERNS.find(([, pattern]) => pattern.test(prompt))?.[0] ?? 'chat';
}
