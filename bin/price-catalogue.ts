import { calcPrice, type TieredPrices } from '@pydantic/genai-prices';
import type { Price, TokenPrice } from '../lambda/core/price.ts';

/** The catalogue's names where they differ from ours. */
const CATALOGUE_PROVIDERS: Readonly<Record<string, string>> = { gemini: 'google', xai: 'x-ai' };

/** Our names for the catalogue's kinds of tokens. */
const KINDS = {
  input_mtok: 'inputPerMillion',
  output_mtok: 'outputPerMillion',
  cache_read_mtok: 'cacheReadPerMillion',
  cache_write_mtok: 'cacheWritePerMillion',
  input_audio_mtok: 'audioInputPerMillion',
  output_audio_mtok: 'audioOutputPerMillion',
} as const satisfies Record<string, keyof TokenPrice>;

/** A model's price as the pinned catalogue has it. Throws when the catalogue does not know the model. */
export function priceFromCatalogue({ provider, upstreamName }: { provider: string; upstreamName: string }): Price {
  const providerId = CATALOGUE_PROVIDERS[provider] ?? provider;
  const found = calcPrice({ input_tokens: 1, output_tokens: 1 }, upstreamName, { providerId });
  if (!found)
    throw new Error(`The price catalogue does not know ${provider}/${upstreamName}. Write its price by hand.`);
  const prices = found.model_price;
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
