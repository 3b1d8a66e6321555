import { type TokenUsage, totalInputTokens } from './usage.ts';

/** Whole millionths of a dollar. Every stored and summed amount of money is one. */
export type MicroDollars = number;

/**
 * Dollars per million tokens of each kind. A kind without its own price costs what plain input or output costs; a write for
 * an hour, twice the input.
 */
export interface TokenPrice {
  inputPerMillion: number;
  outputPerMillion: number;
  cacheReadPerMillion?: number;
  cacheWritePerMillion?: number;
  /** Of what is kept for an hour. */
  cacheWrite1hPerMillion?: number;
  audioInputPerMillion?: number;
  audioOutputPerMillion?: number;
}

/** A model's price. With `tiers`, a request whose input exceeds a threshold is billed whole at that tier. */
export interface Price extends TokenPrice {
  perThousandRequests?: number;
  /** What a service tier of the provider's costs, as a factor of all prices of tokens. A tier that is not here has no price. */
  serviceTiers?: Readonly<Record<string, number>>;
  tiers?: readonly (TokenPrice & { aboveInputTokens: number })[];
}

/** Dollars per million tokens are picodollars per token times 10^-6: integers up to here, rounded once, at the end. */
const PICODOLLARS_PER_DOLLAR_PER_MILLION = 1_000_000;
const PICODOLLARS_PER_MICRODOLLAR = 1_000_000;

/** Anthropic's price of a write for an hour, where a price does not have its own (its page "Prompt caching", Pricing). */
const WRITE_1H_FACTOR = 2;

/** How many times the ordinary price a service tier costs, of a request or an answer; undefined when nobody said. */
export function tierFactor(serviceTier: string | undefined, { serviceTiers = {} }: Price): number | undefined {
  if (serviceTier === undefined) return 1;
  return Object.hasOwn(serviceTiers, serviceTier) ? serviceTiers[serviceTier] : undefined;
}

/** True when the price says what this usage costs; a service tier without a price is counted at the ordinary one. */
export function isPriceKnown({ serviceTier }: TokenUsage, price: Price): boolean {
  return tierFactor(serviceTier, price) !== undefined;
}

/** What the usage costs at this price, rounded half up to a whole micro-dollar. */
export function costOf(usage: TokenUsage, price: Price): MicroDollars {
  const rates = ratesFor(totalInputTokens(usage), price);
  const parts: [tokens: number, dollarsPerMillion: number][] = [
    [usage.uncachedInputTokens, rates.inputPerMillion],
    [usage.cacheReadTokens, rates.cacheReadPerMillion ?? rates.inputPerMillion],
    [usage.cacheWriteTokens, rates.cacheWritePerMillion ?? rates.inputPerMillion],
    [usage.cacheWrite1hTokens ?? 0, rates.cacheWrite1hPerMillion ?? rates.inputPerMillion * WRITE_1H_FACTOR],
    [usage.audioInputTokens, rates.audioInputPerMillion ?? rates.inputPerMillion],
    [usage.textOutputTokens + usage.reasoningTokens, rates.outputPerMillion],
    [usage.audioOutputTokens, rates.audioOutputPerMillion ?? rates.outputPerMillion],
  ];
  let picodollars = 0;
  for (const [tokens, dollarsPerMillion] of parts) {
    picodollars += tokens * Math.round(dollarsPerMillion * PICODOLLARS_PER_DOLLAR_PER_MILLION);
  }
  const forTokens = (picodollars / PICODOLLARS_PER_MICRODOLLAR) * (tierFactor(usage.serviceTier, price) ?? 1);
  return Math.round(forTokens + forRequest(usage, price));
}

/** Micro-dollars: what the provider said, of a model that costs by request at all; else the price, the dearest there is. */
function forRequest({ requestFeeMicroDollars }: TokenUsage, { perThousandRequests }: Price): number {
  return perThousandRequests === undefined ? 0 : (requestFeeMicroDollars ?? perThousandRequests * 1_000);
}

function ratesFor(inputTokens: number, price: Price): TokenPrice {
  let rates: TokenPrice = price;
  for (const tier of price.tiers ?? []) {
    if (inputTokens > tier.aboveInputTokens) rates = tier;
  }
  return rates;
}

/** True when neither input nor output costs more than these dollars per million tokens. */
export function isWithinPrice(dollarsPerMillion: number, price: TokenPrice): boolean {
  return price.inputPerMillion <= dollarsPerMillion && price.outputPerMillion <= dollarsPerMillion;
}

/** Dollars with six decimals, as headers and bodies show them: "0.000123". */
export function dollarsText(amount: MicroDollars): string {
  return (amount / 1_000_000).toFixed(6);
}
