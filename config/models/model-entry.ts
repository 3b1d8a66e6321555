import type { Model } from '../../lambda/core/configuration.ts';
import type { Price } from '../../lambda/core/price.ts';
import type { ProviderId } from '../providers.ts';

/**
 * A model of ours: every ability is stated, none is left to a default. The price lies in `prices.json` unless one stands
 * here, which is only for models that the catalogue does not know.
 */
export interface ModelEntry extends Omit<Model, 'price'> {
  provider: ProviderId;
  maxOutputTokens: number;
  inputs: NonNullable<Model['inputs']>;
  tools: boolean;
  jsonSchema: boolean;
  price?: Price;
}
