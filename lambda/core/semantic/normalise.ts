const CONTRACTIONS: readonly [RegExp, string][] = [
  [/\bcan['’]?t\b/g, 'can not'],
  [/\bcannot\b/g, 'can not'],
  [/\bwon['’]t\b/g, 'will not'],
  [/\bshan['’]t\b/g, 'shall not'],
  [/\b(do|does|did|is|are|was|were|has|have|had|would|should|could|must|need)n['’]?t\b/g, '$1 not'],
  [/\b(what|where|how|who|when|why|that|it|there|here)['’]s\b/g, '$1 is'],
  [/\b(i)['’]m\b/g, '$1 am'],
  [/\b(\w+)['’]re\b/g, '$1 are'],
  [/\b(\w+)['’]ve\b/g, '$1 have'],
  [/\b(\w+)['’]ll\b/g, '$1 will'],
  [/\b(i|we|you|they|he|she)['’]d\b/g, '$1 would'],
  [/(?<!\p{L})(?:l|d|j|n|s|m|c|qu)['’](?=\p{L})/gu, ''],
  [/(\p{L})['’]s\b/gu, '$1'],
  [/(\p{L}s)['’](?=\s|$)/gu, '$1'],
];

/**
 * Several words, or one of several names, that are one thing: what the texts say otherwise, they then say alike. Each names
 * things that are the same in any context; what only often means the same belongs into `synonyms.ts`.
 */
const PHRASES: readonly [RegExp, string][] = [
  [/(\d) ?(?:times|multiplied by|x|×) ?(?=\d)/g, '$1 * '],
  [/(\d) plus (?=\d)/g, '$1 + '],
  [/(\d) minus (?=\d)/g, '$1 - '],
  [/(\d) divided by (?=\d)/g, '$1 / '],
  [/\bsquare root of (\d+)|\bsqrt\((\d+)\)/g, 'square root of $1$2'],
  [/\b(?:do|does|can|could) not (?:remember|recall)\b/g, 'forget'],
  [/\b(?:two times|double)\b/g, 'twice'],
  [/\bunable to\b/g, 'can not'],
  [/\b(?:because of|due to|owing to|as a result of)\b/g, 'caused by'],
  [/\b(phone|mobile|account|card|order|serial|tracking|tax) numbers?\b/g, '$1-number'],
  [/\bmoney back\b/g, 'refund'],
  [/\b(?:two|2)[- ](?:factor|step) (?:authentication|verification|login|auth)\b|\b(?:2fa|mfa)\b/g, 'twofactor'],
  [/\b(?:turn(?:ing|ed)?|switch(?:ing|ed)?) (?:it )?on\b/g, 'enable'],
  [/\bsign(?:ing)? up for\b/g, 'subscribe to'],
  [/\b(?:turn(?:ing|ed)?|switch(?:ing|ed)?) (?:it )?off\b/g, 'disable'],
  [/\b(?:log(?:ging)?|sign(?:ing)?) ?in(?:to)?\b/g, 'login'],
  [/\b(?:log(?:ging)?|sign(?:ing)?) ?out\b/g, 'logout'],
  [/\bget(?:ting)? rid of\b|\btak(?:e|ing) out\b/g, 'remove'],
  [/\bwi-?fi\b|\bwireless (?:network|lan)\b/g, 'wifi'],
  [/\be-?mails?\b|\be-?mail messages?\b/g, 'email'],
  [/\b(?:golang|go lang)\b/g, 'go'],
  [/\b(?:postgresql|postgres)\b/g, 'postgres'],
  [/\bnode\.?js\b|\bnode javascript\b/g, 'node'],
  [/\bjavascript\b|\bjs\b/g, 'javascript'],
  [/\bregex(?:es|p)?\b|\bregular expressions?\b/g, 'regex'],
  [/\b(?:k8s|kubectl)\b/g, 'kubernetes'],
  [/\b(?:the )?(?:united states(?: of america)?|usa)\b/g, 'america'],
  [/\b(?:united kingdom|u\.k\.|uk|great britain)\b/g, 'britain'],
  [/\b(?:european union|e\.u\.|eu)\b/g, 'europeanunion'],
  [/\b(?:second world war|world war (?:ii|2|two)|ww ?(?:2|ii))\b/g, 'worldwartwo'],
  [/\b(?:first world war|world war (?:i|1|one)|ww ?(?:1|i))\b/g, 'worldwarone'],
  [/\b(?:vs|versus)\b\.?/g, 'versus'],
  [/\bhow come\b|\bfor (?:what|which) reason\b/g, 'why'],
  [/\b(?:one|a|1) half\b/g, 'half'],
  [/\bmac ?os\b|\bmacbooks?\b/g, 'mac'],
  [/\bfirst aid\b/g, 'firstaid'],
  [/\b(?:least expensive|lowest-priced)\b/g, 'cheapest'],
  [/\bside effects?\b|\b(?:undesired|adverse) effects?\b/g, 'sideeffect'],
  [/\bhow long\b/g, 'how-long'],
  [/\bnon-disclosure agreement\b/g, 'nda'],
  [/\bcurriculum vitae\b|\bresum[eé]\b/g, 'cv'],
  [/\b(?:mobile|cell|smart) ?phones?\b/g, 'phone'],
  [/\b(?:boy|girl|man|woman|child|kid)? ?aged (\w+)\b/g, '$1 year old'],
  // Verbs of several words, and verbs that only carry a noun.
  [/\b(?:put|putting|puts) off\b/g, 'postpone'],
  [/\b(?:give|giving|gives|gave|given) up\b/g, 'quit'],
  [/\b(?:call|calling|calls|called) off\b/g, 'cancel'],
  [/\b(?:find|finding|finds|found) out\b/g, 'discover'],
  [/\b(?:look|looking|looks|looked) (?:for|up)\b/g, 'search'],
  [/\b(?:throw|throwing|throws|threw|thrown) (?:away|out)\b/g, 'discard'],
  [/\b(?:hand|handing|hands|handed) in\b/g, 'submit'],
  [/\b(?:fill|filling|fills|filled) (?:in|out)\b/g, 'complete'],
  [/\b(?:cut|cutting|cuts) (?:down on|back on)\b/g, 'reduce'],
  [/\b(?:get|getting|gets|got) over\b/g, 'overcome'],
  [/\b(?:give|giving|gives|gave|given) off\b/g, 'emit'],
  [/\b(?:take|taking|takes|took|taken) in\b/g, 'absorb'],
  [/\b(?:turn|turning|turned) up\b/g, 'raise'],
  [/\b(?:turn|turning|turned) down\b/g, 'lower'],
  [/\bcheck(?:ing|ed|s)?[- ]in\b/g, 'checkin'],
  [/\bcheck(?:ing|ed|s)?[- ]out\b/g, 'checkout'],
  [/\b(?:deal|dealing|deals|dealt|cope|coping|copes|coped) with\b/g, 'handle'],
  [/\b(?:come|coming|comes|came) up with\b/g, 'suggest'],
  [/\b(?:get|getting|gets|got) in touch with\b/g, 'contact'],
  [/\b(?:keep|keeping|keeps|kept) an eye on\b/g, 'monitor'],
  [/\b(?:lead|leading|leads|led) to\b|\b(?:bring|bringing|brings|brought) about\b/g, 'cause'],
  [
    /\b(?:make|making|makes|made) an? (payment|transfer|complaint|claim|copy|withdrawal|deposit|booking|reservation)\b/g,
    '$1',
  ],
  [/\b(?:take|taking|takes|took|have|having) a (look|photo|picture|bath|shower|walk)\b/g, '$1'],
  [/\bhow (do|can|should|would) (i|you|we|one) go about\b/g, 'how $1 $2'],
  [/\bpros and cons\b/g, 'advantages and disadvantages'],
  [/\bin order to\b/g, 'to'],
  [/\bonce (?:a|per|every) (day|week|month|year)\b/g, 'every $1'],
];

/**
 * A prompt as the comparison reads it: one form of quotation marks and spaces, small letters, contractions written out, and
 * one name for what has several. Linear in the length of the text.
 */
export function normalise(text: string): string {
  let result = plain(text)
    .replace(/\b(?:U\.S\.A\.|U\.S\.|USA|US)(?![\w.])/g, 'America')
    .replace(/\b(IT|WHO|AM|PM)\b/gu, '$1-acronym')
    .toLowerCase();
  for (const [pattern, replacement] of CONTRACTIONS) result = result.replace(pattern, replacement);
  for (const [pattern, replacement] of PHRASES) result = result.replace(pattern, replacement);
  return result.replace(/\s+/g, ' ').trim();
}

/** The same text with one form for each of the characters that people type differently; letters stay as large as they were. */
export function plain(text: string): string {
  return text
    .normalize('NFKC')
    .replace(/[’‘´]/g, "'")
    .replace(/[“”„«»]/g, '"')
    .replace(/[‐‑‒–—−]/g, '-');
}
