import { calcPrice, type TieredPrices } from '@pydantic/genai-prices';
import type { Price, TokenPrice } from '../lambda/core/price.ts';

/** The catalogue's names where they differ from ours. */
const CATALOGUE_PROVIDERS: Readonly<Record<string, string>> = { bedrock: 'aws', gemini: 'google', xai: 'x-ai' };

/** Our names for the catalogue's kinds of tokens. */
const KINDS = {
  input_mtok: 'inputPerMillion',
  output_mtok: 'outputPerMillion',
  cache_read_mtok: 'cacheReadPerMillion',
  cache_write_mtok: 'cacheWritePerMillion',
  cache_write_1h_mtok: 'cacheWrite1hPerMillion',
  input_audio_mtok: 'audioInputPerMillion',
  output_audio_mtok: 'audioOutputPerMillion',
} as const satisfies Record<string, keyof TokenPrice>;

/** What of a model the catalogue looks at. */
interface Named {
  provider: string;
  upstreamName: string;
}

/**
 * A model's price on a day (`2026-11-24`), as the pinned catalogue has it. Where the hour of the day matters, as with
 * DeepSeek, it is the dearest, so that no budget is ever overrun. Throws when the catalogue does not know the model.
 */
export function priceFromCatalogue(model: Named, day: string): Price {
  const prices = dearestPrices(model, day);
  const thresholds = new Set(Object.values(prices).flatMap((price) => tiersOf(price).map((tier) => tier.start)));
  const tiers = [...thresholds]
    .sort((a, b) => a - b)
    .map((start) => ({ aboveInputTokens: start, ...ratesAbove(prices, start) }));
  const perThousandRequests = prices.requests_kcount;
  return {
    ...ratesAbove(prices, 0),
    ...(typeof perThousandRequests === 'number' ? { perThousandRequests } : {}),
    ...(tiers.length > 0 ? { tiers } : {}),
  };
}

const HALF_HOURS = Array.from({ length: 48 }, (_, index) => index * 30 * 60_000);

function dearestPrices({ provider, upstreamName }: Named, day: string): Record<string, CataloguePrice> {
  const providerId = CATALOGUE_PROVIDERS[provider] ?? provider;
  const midnightMs = Date.parse(`${day}T00:00:00Z`);
  const found = HALF_HOURS.map((ms) =>
    calcPrice({ input_tokens: 1, output_tokens: 1 }, upstreamName, {
      providerId,
      timestamp: new Date(midnightMs + ms),
    }),
  );
  const [first, ...others] = found.filter((price) => price !== null);
  if (!first)
    throw new Error(`The price catalogue does not know ${provider}/${upstreamName}. Write its price by hand.`);
  return others.reduce((dearest, price) => (price.total_price > dearest.total_price ? price : dearest), first)
    .model_price;
}

type CataloguePrice = number | TieredPrices | undefined;

function tiersOf(price: CataloguePrice): { start: number; price: number }[] {
  return typeof price === 'object' ? price.tiers : [];
}

/** The prices of a request with more input tokens than this. */
function ratesAbove(prices: Record<string, CataloguePrice>, inputTokens: number): TokenPrice {
  const rates: Record<string, number> = {};
  for (const [kind, name] of Object.entries(KINDS)) {
    const price = prices[kind];
    if (price === undefined) continue;
    const reached = tiersOf(price).filter((tier) => tier.start <= inputTokens && inputTokens > 0);
    rates[name] = reached.at(-1)?.price ?? (typeof price === 'object' ? price.base : price);
  }
  return rates as unknown as TokenPrice;
}
