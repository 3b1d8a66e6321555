import { describe, expect, it } from 'vitest';
import { priceFromCatalogue } from '../../bin/price-catalogue.ts';
import { configuration } from '../../config/index.ts';
import { models } from '../../config/models.ts';
import { mergeConfiguration, overridesIn, problemsIn } from '../../lambda/core/configuration.ts';

describe('our configuration', () => {
  it('can run', () => {
    expect(problemsIn(configuration)).toEqual([]);
  });

  it('has the prices of the pinned catalogue', () => {
    for (const [id, model] of Object.entries(models)) {
      expect({ id, price: configuration.models[id]?.price }).toEqual({ id, price: priceFromCatalogue(model) });
    }
    expect(configuration.priceCatalogueVersion).toMatch(/^genai-prices \d/);
  });

  it('offers at least 20 models over at least 8 providers', () => {
    const entries = Object.values(configuration.models);
    expect(entries.length).toBeGreaterThanOrEqual(20);
    expect(new Set(entries.map((model) => model.provider)).size).toBeGreaterThanOrEqual(8);
  });
});

describe("an operator's configuration", () => {
  const mini = {
    provider: 'crowelogic',
    upstreamName: 'mini',
    contextWindowTokens: 8_000,
    price: { inputPerMillion: 0, outputPerMillion: 0 },
  };
  const crowelogic = {
    wire: 'openai',
    baseUrl: 'http://10.0.0.5/v1',
    maxTokensField: 'max_tokens',
    takesStreamOptions: true,
    needsKey: false,
  } as const;

  it('adds models and providers to ours, and changes single deadlines', () => {
    const merged = mergeConfiguration(configuration, {
      models: { 'crowelogic/mini': mini },
      providers: { crowelogic },
      deadlines: { defaultMs: 5_000 },
      defaultModel: 'crowelogic/mini',
    });
    expect(problemsIn(merged)).toEqual([]);
    expect(Object.keys(merged.models).length).toBe(Object.keys(configuration.models).length + 1);
    expect(merged.deadlines).toEqual({ ...configuration.deadlines, defaultMs: 5_000 });
    expect(configuration.models['crowelogic/mini']).toBeUndefined();
  });

  it('is refused with every problem it has', () => {
    const merged = mergeConfiguration(configuration, {
      models: { 'crowelogic/mini': { ...mini, price: undefined as never }, other: mini },
      aliases: { quick: 'nobody/nothing', 'openai/gpt-4o': 'openai/gpt-4o' },
      providers: { open: { ...crowelogic, baseUrl: 'ftp://x/' } },
      defaultModel: 'gone',
      deadlines: { maximumMs: -1 },
    });
    expect(problemsIn(merged)).toEqual([
      'Model crowelogic/mini names the provider "crowelogic", which is not in providers.',
      'Model crowelogic/mini has no price. Run "npm run fix" to take it from the catalogue, or write one.',
      'Model other names the provider "crowelogic", which is not in providers.',
      'Model other must be named "crowelogic/<name>", in ASCII without spaces.',
      'Alias quick points at nobody/nothing, which is not in models.',
      'Alias openai/gpt-4o has the name of a model.',
      'defaultModel is gone, which is not in models.',
      'Provider open needs a baseUrl such as https://host/v1, without a slash at the end.',
      'maximumMs must be a whole number above 0.',
    ]);
  });

  it('is read from any way a module can export it, and refused when it has parts nobody knows', () => {
    const parts = { aliases: { quick: 'openai/gpt-4o' } };
    for (const exported of [parts, { configuration: parts }, { default: parts }]) {
      expect(overridesIn(exported, configuration)).toEqual(parts);
    }
    expect(() => overridesIn({ modles: {} }, configuration)).toThrow(
      'exports modles, which is no part of a configuration',
    );
  });
});
