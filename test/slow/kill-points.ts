/** A call of the gateway's to its store: `before` it is passed on, or `after` it was made and before its answer goes back. */
export interface StoreMoment {
  when: 'before' | 'after';
  operation: string;
  /** How the item's `pk` begins; `<account>` stands for the account of the test. */
  place: string;
  /** A part of the update that tells it from others of the same item. */
  update?: string;
}

/** So much of the provider's answer has come to the caller: 0 when the provider was only asked. */
export interface AnswerMoment {
  contents: number;
}

export interface KillPoint {
  name: string;
  at: StoreMoment | AnswerMoment;
  stream: boolean;
  /** Without a budget the account has limits only. */
  hasBudget: boolean;
  /** What the ledger says of the request, when all is over. */
  ledger: 'no row' | 'what was reserved' | 'what was billed';
}

/** Where a gateway process is killed while it serves a request. */
export const REQUEST_POINTS: readonly KillPoint[] = [
  {
    name: 'the limits are charged',
    at: { when: 'after', operation: 'UpdateItem', place: 'rate#<account>' },
    stream: false,
    hasBudget: true,
    ledger: 'no row',
  },
  {
    name: 'the money is reserved',
    at: { when: 'after', operation: 'UpdateItem', place: 'budget#<account>', update: '#pending = :pending' },
    stream: false,
    hasBudget: true,
    ledger: 'what was reserved',
  },
  {
    name: 'the provider is asked',
    at: { contents: 0 },
    stream: false,
    hasBudget: true,
    ledger: 'what was reserved',
  },
  {
    name: 'the provider is asked, for an account without a budget',
    at: { contents: 0 },
    stream: false,
    hasBudget: false,
    ledger: 'what was reserved',
  },
  {
    name: 'the first content is relayed',
    at: { contents: 1 },
    stream: true,
    hasBudget: true,
    ledger: 'what was reserved',
  },
  {
    name: 'half of a stream is relayed',
    at: { contents: 3 },
    stream: true,
    hasBudget: true,
    ledger: 'what was reserved',
  },
  {
    name: 'a stream has come whole, and its event is not written',
    at: { when: 'before', operation: 'PutItem', place: 'events#<account>' },
    stream: true,
    hasBudget: true,
    ledger: 'what was reserved',
  },
  {
    name: 'the event is written, and the money is not settled',
    at: { when: 'after', operation: 'PutItem', place: 'events#<account>' },
    stream: false,
    hasBudget: true,
    ledger: 'what was billed',
  },
  {
    name: 'the money is settled, and the answer is not sent',
    at: { when: 'after', operation: 'UpdateItem', place: 'budget#<account>', update: 'REMOVE #pending' },
    stream: false,
    hasBudget: true,
    ledger: 'what was billed',
  },
];

/** Where a process is killed while it sweeps. */
export const SWEEP_POINTS: readonly { name: string; at: StoreMoment }[] = [
  {
    name: 'a lost call has its row, and its money is not settled',
    at: { when: 'after', operation: 'PutItem', place: 'events#<account>' },
  },
  {
    name: 'an hour is summed up, and not marked as closed',
    at: { when: 'after', operation: 'PutItem', place: 'usage-hours#<account>' },
  },
  {
    name: 'one event of an end user is erased, and others are not',
    at: { when: 'after', operation: 'UpdateItem', place: 'events#<account>' },
  },
];
