import type { Price } from '../lambda/core/price.ts';
import type { ModelId } from './models.ts';
import file from './prices.json' with { type: 'json' };

/**
 * Dollars per million tokens, from the price catalogue pinned in package.json, as they were on a day. `npm run fix` writes
 * the file anew when any price of today is another.
 */
export const catalogue: { version: string; day: string; prices: Readonly<Partial<Record<ModelId, Price>>> } = file;
