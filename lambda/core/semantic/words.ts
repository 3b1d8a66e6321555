/** Words that carry grammar, not content. Prepositions and negations are here, too: other parts of the comparison see to them. */
export const FUNCTION_WORDS: ReadonlySet<string> = words(`
  a an the this that these those some any such
  i me my mine myself we us our ours you your yours yourself he him his she her hers it its they them their one ones oneself someone somebody
  am is are was were be been being do does did done doing has have had having will would shall should can could may might must ought
  and or but so if then than because as while that which who whom whose what when where why how how-long whether some
  of in on at by for to from with into onto about over under up out off down through between among during within upon via per against toward towards
  not no nor never without
  before after since until inside outside beyond above below behind beside near instead
  there here too also just only even still yet already again very really quite rather actually basically
  please hello hi hey thanks thank ok okay
`);

/** Words of a request about the request: who asks, politely, for an explanation, a way or a list. Their lack changes little. */
export const FRAME_WORDS: ReadonlySet<string> = words(`
  way ways method methods step steps process procedure best good proper properly right correct correctly recommended
  tell explain explained explanation describe show give help guide tutorial need needs want wants wanted like looking look let know possible
  able question answer information info idea ideas tip tips advice suggestion suggestions suggest recommend trick
  mean means meaning define definition term called name exactly simply easily easy required require requires necessary allowed permitted
  command syntax statement code example examples kind type sort thing things stuff people person different various certain given
  reason reasons cause causes number amount much many mine own list please everything use used using uses
`);

/** Verbs and adjectives that mostly carry another word's content, and sometimes all of it: "how does it work", "get it to work". */
export const LIGHT_WORDS: ReadonlySet<string> = words(`
  make makes making get gets getting got do go goes going went work works working happen happens become take takes taking took try
  find finds finding see seeing come comes set sets put puts have having add start started begin new another other same whole entire
  exist exists existing ready time times kind run running look turn change changes leave keep bring say said call called learn better
`);

/** Of two prompts that differ in one of these, the one is not about the other's things. */
export const SCOPE_WORDS: ReadonlySet<string> = words(`
  all every each none most few both either neither only always never often sometimes rarely usually half
  first second third last next previous final initial average
  maximum minimum largest smallest biggest highest tallest lowest longest shortest fastest slowest cheapest oldest youngest newest latest greatest
`);

/** Of whom or for whom: a prompt about children is not about adults. */
export const AUDIENCE_WORDS: ReadonlySet<string> = words(`
  adult adults child children kid kids toddler toddlers teenager teenagers baby babies senior seniors beginner beginners expert experts
`);

/** What makes an answer of yesterday wrong today. */
export const FRESHNESS_WORDS: ReadonlySet<string> = words(`
  today tonight tomorrow yesterday now currently current latest recent recently nowadays soon
  monday tuesday wednesday thursday friday saturday sunday weekend weekday morning afternoon evening midnight noon
`);

export const MONTHS: ReadonlySet<string> = words(
  'january february march april may june july august september october november december',
);

/** For whom, how long, in which form and tone an answer is asked for. */
export const FORMAT_WORDS: ReadonlySet<string> = words(`
  poem haiku sonnet limerick essay article blog letter email speech song rap joke riddle tweet
  table bullet bullets bulleted diagram chart
  json yaml xml csv markdown html latex
  short shorter long longer brief briefly concise formal informal casual friendly professional funny serious technical academic detailed
  layman beginner beginners expert experts child children kid kids student students engineer economist physicist grader
`);

/** Languages, as a prompt names them. */
export const LANGUAGE_NAMES: ReadonlySet<string> = words(`
  english german french spanish italian portuguese dutch polish russian ukrainian turkish arabic hebrew hindi chinese mandarin cantonese
  japanese korean swedish norwegian danish finnish greek czech hungarian romanian vietnamese thai indonesian latin swahili
`);

/** Words by which a text says no. */
export const NEGATIONS: ReadonlySet<string> = words(`
  not no never none nobody nothing neither nor without cannot except unless lack lacking avoid exclude excluding free-of exempt exempted
  nicht kein keine keinen keinem keiner nie niemals ohne
  pas ne jamais sans aucun aucune
  nunca sin ningún ninguna ninguno jamás
  non mai senza nessuno nessuna
  não sem nenhum nenhuma
`);

/** Opposites that WordNet does not name as such, or that are not opposites but exclude each other: the first word of a line, and each other. */
const OPPOSITE_LINES = `
  enable disable deactivate
  activate deactivate disable suspend
  start stop end finish quit
  open close shut
  mount unmount
  lock unlock
  encrypt decrypt
  compress decompress extract unzip uncompress
  encode decode
  attach detach
  connect disconnect
  install uninstall remove
  add remove delete subtract
  insert delete remove
  include exclude
  allow deny forbid block prohibit
  accept reject refuse decline
  approve reject deny
  freeze unfreeze thaw
  follow unfollow
  subscribe unsubscribe cancel
  register unregister deregister cancel
  login logout
  import export
  upload download
  deposit withdraw
  push pull
  increase decrease reduce lower
  raise lower reduce
  gain lose
  strengthen weaken
  speed slow
  maximize minimize
  maximise minimise
  maximum minimum
  expand shrink collapse
  upgrade downgrade cancel
  create delete remove destroy close cancel
  advantage disadvantage drawback downside
  pros cons
  benefit drawback downside risk disadvantage
  strength weakness
  hyperthyroidism hypothyroidism
  hypertension hypotension
  heat cool
  load unload
  mute unmute
  join leave split
  merge split
  combine split separate
  show hide
  public private
  ascending descending
  synchronous asynchronous
  internal external
  incoming outgoing
  arrival departure
  arrive depart leave
  male female
  formal informal casual
  positive negative
  buy sell rent
  lend borrow
  hire fire dismiss
  longer shorter
  long short
  bigger smaller
  big small
  large small little
  deeper higher shallower
  high low
  highest lowest
  higher lower
  largest smallest
  biggest smallest
  longest shortest
  fastest slowest
  cheapest dearest expensive priciest
  cheap expensive
  oldest newest youngest
  old new young
  best worst
  good bad
  better worse
  most least fewest
  more less fewer
  early late
  before after
  above below
  over under
  inside outside
  indoor outdoor
  with without
  first last
  next previous
  win lose
  pass fail
  hot cold
  true false
  safe dangerous unsafe
  healthy unhealthy
  legal illegal
  possible impossible
  love hate
  keep delete remove lose
  save spend delete
  earn spend
  send receive
  give take
  sunrise sunset
  north south
  east west
  left right
  up down
  input output
  absorb emit
  checkin checkout
  read write
  serialize deserialize
  overfitting underfitting
  inflation deflation
  supply demand
  debit credit
  asset liability
  married divorced single
  employer employee
  landlord tenant
  teacher student
  parent child
  husband wife
  brother sister
  son daughter
  boy girl
  man woman
  mother father
  uncle aunt
  king queen
  aktivieren deaktivieren
  einschalten ausschalten
  activer désactiver
  activar desactivar
  attivare disattivare
  ativar desativar
`;

/** The opposites of a word, as they are written; undefined for a word that has none here. */
export const WRITTEN_OPPOSITES: ReadonlyMap<string, readonly string[]> = opposites();

function opposites(): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const line of OPPOSITE_LINES.trim().split('\n')) {
    const [one = '', ...others] = line.trim().split(' ');
    for (const other of others) {
      found.set(one, [...(found.get(one) ?? []), other]);
      found.set(other, [...(found.get(other) ?? []), one]);
    }
  }
  return found;
}

function words(text: string): Set<string> {
  return new Set(text.split(/\s+/).filter((word) => word !== ''));
}
