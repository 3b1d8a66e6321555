import type { Price } from '../lambda/core/price.ts';
import type { ModelId } from './models.ts';
import file from './prices.json' with { type: 'json' };

/** Dollars per million tokens, from the price catalogue pinned in package.json. `npm run fix` writes the file anew. */
export const catalogue: { version: string; prices: Readonly<Partial<Record<ModelId, Price>>> } = file;
