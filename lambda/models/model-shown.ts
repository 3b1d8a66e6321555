import type { Model } from '../core/configuration.ts';
import { abilitiesOf } from '../core/model-abilities.ts';
import type { Price, TokenPrice } from '../core/price.ts';

/** A model as GET /v1/models shows it: OpenAI's fields, then what it can do and what it costs in dollars. */
export function modelShown(id: string, model: Model) {
  const { inputs, tools, jsonSchema, maxOutputTokens } = abilitiesOf(model);
  return {
    id,
    object: 'model',
    created: 0,
    owned_by: model.provider,
    context_window: model.contextWindowTokens,
    max_output_tokens: maxOutputTokens ?? null,
    modalities: inputs,
    tools,
    json_schema: jsonSchema,
    usd_per_million_tokens: tokenPricesShown(model.price),
    ...(model.price.tiers ? { usd_per_million_tokens_above: model.price.tiers.map(tierShown) } : {}),
    ...(model.price.perThousandRequests === undefined
      ? {}
      : { usd_per_thousand_requests: model.price.perThousandRequests }),
  };
}

function tierShown(tier: NonNullable<Price['tiers']>[number]) {
  return { input_tokens: tier.aboveInputTokens, ...tokenPricesShown(tier) };
}

/** Our names for the kinds of tokens, and those shown. A kind without a price of its own is not shown. */
const KINDS = {
  inputPerMillion: 'input',
  outputPerMillion: 'output',
  cacheReadPerMillion: 'cache_read',
  cacheWritePerMillion: 'cache_write',
  cacheWrite1hPerMillion: 'cache_write_1h',
  audioInputPerMillion: 'audio_input',
  audioOutputPerMillion: 'audio_output',
} as const satisfies Record<keyof TokenPrice, string>;

function tokenPricesShown(price: TokenPrice): Record<string, number> {
  const kinds = Object.entries(KINDS) as [keyof TokenPrice, string][];
  return Object.fromEntries(kinds.flatMap(([kind, name]) => (price[kind] === undefined ? [] : [[name, price[kind]]])));
}
