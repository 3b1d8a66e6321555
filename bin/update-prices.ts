import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { ModelEntry } from '../config/models/model-entry.ts';
import { models } from '../config/models.ts';
import { priceFromCatalogue } from './price-catalogue.ts';

/**
 * Writes config/prices.json from the price catalogue that package-lock.json pins, with today's prices, if they differ
 * from those in it. Run by `npm run fix`.
 */
const root = join(import.meta.dirname, '..');
const file = join(root, 'config/prices.json');
const manifest = readFileSync(join(root, 'node_modules/@pydantic/genai-prices/package.json'), 'utf8');
const version = `genai-prices ${(JSON.parse(manifest) as { version: string }).version}`;
const day = new Date().toISOString().slice(0, 10);
const unpriced = Object.entries<ModelEntry>(models).filter(([, { price }]) => price === undefined);
const prices = Object.fromEntries(unpriced.map(([id, entry]) => [id, priceFromCatalogue(entry, day)]));
const known = JSON.parse(readFileSync(file, 'utf8')) as { version: string; prices: object };
if (known.version !== version || !isDeepStrictEqual(known.prices, prices)) {
  writeFileSync(file, `${JSON.stringify({ version, day, prices }, null, 2)}\n`);
}
