import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ModelId, models } from '../config/models.ts';
import { priceFromCatalogue } from './price-catalogue.ts';

/** Writes config/prices.json from the price catalogue that package-lock.json pins. Run by `npm run fix`. */
const root = join(import.meta.dirname, '..');
const manifest = readFileSync(join(root, 'node_modules/@pydantic/genai-prices/package.json'), 'utf8');
const { version } = JSON.parse(manifest) as { version: string };
const ids = Object.keys(models) as ModelId[];
const prices = Object.fromEntries(ids.map((id) => [id, priceFromCatalogue(models[id])]));
const file = { version: `genai-prices ${version}`, prices };
writeFileSync(join(root, 'config/prices.json'), `${JSON.stringify(file, null, 2)}\n`);
