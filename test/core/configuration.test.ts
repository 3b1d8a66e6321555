import { describe, expect, it } from 'vitest';
import { priceFromCatalogue } from '../../bin/price-catalogue.ts';
import { configuration } from '../../config/index.ts';
import type { ModelEntry } from '../../config/models/model-entry.ts';
import { models } from '../../config/models.ts';
import { catalogue } from '../../config/prices.ts';
import { providers } from '../../config/providers.ts';
import { mergeConfiguration, overridesIn, problemsIn } from '../../lambda/core/configuration.ts';

describe('our configuration', () => {
  it('can run', () => {
    expect(problemsIn(configuration)).toEqual([]);
  });

  it('has the prices of the pinned catalogue, or one by hand for what the catalogue does not know', () => {
    for (const [id, model] of Object.entries<ModelEntry>(models)) {
      const price = () => priceFromCatalogue(model, catalogue.day);
      if (model.price) expect(price, id).toThrow('does not know');
      else {
        const { serviceTiers: _, ...ofTokens } = configuration.models[id]?.price ?? {};
        expect({ id, price: ofTokens }).toEqual({ id, price: price() });
      }
    }
    expect(configuration.priceCatalogueVersion).toMatch(/^genai-prices \d/);
  });

  it('takes the dearest price of a day, whatever the hour', () => {
    const deepSeek = { provider: 'deepseek', upstreamName: 'deepseek-v4-flash' };
    expect(priceFromCatalogue(deepSeek, '2026-11-24')).toMatchObject({ inputPerMillion: 0.44, outputPerMillion: 1.32 });
  });

  it('offers at least 34 models over at least 10 providers', () => {
    const entries = Object.entries(configuration.models);
    expect(entries.length).toBeGreaterThanOrEqual(34);
    expect(new Set(entries.map(([, model]) => model.provider)).size).toBeGreaterThanOrEqual(10);
  });

  it('offers no answer longer than its model has room for', () => {
    for (const [id, { maxOutputTokens, contextWindowTokens }] of Object.entries<ModelEntry>(models)) {
      expect(maxOutputTokens, id).toBeLessThanOrEqual(contextWindowTokens);
    }
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

  it('adds a policy to ours, and turns the semantic cache on with all else as it is', () => {
    const trial = { model: 'openai/gpt-4o', split: { model: 'openai/gpt-4o-mini', percent: 10 } };
    const merged = mergeConfiguration(configuration, {
      routing: { policies: { trial }, aliases: { shop: 'trial' } },
      caching: { semantic: { isOn: true } },
    });
    expect(problemsIn(merged)).toEqual([]);
    expect(merged.routing.policies).toEqual({ ...configuration.routing.policies, trial });
    expect(merged.caching).toEqual({
      ...configuration.caching,
      semantic: { ...configuration.caching.semantic, isOn: true },
    });
  });

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
      retention: { usageDays: 0 },
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
      'retention.usageDays must be a whole number from 1 to 3,650.',
      'maximumMs must be a whole number above 0.',
    ]);
  });

  it('is refused for abilities, retries and chains that cannot be', () => {
    const merged = mergeConfiguration(configuration, {
      models: {
        'crowelogic/mini': {
          ...mini,
          maxOutputTokens: 100,
          defaultMaxOutputTokens: 200,
          inputs: ['image'],
          tools: 'yes' as never,
          retry: { attempts: 0, pauseMs: 1 } as never,
        },
        'crowelogic/maxi': { ...mini, maxOutputTokens: 0.5 },
      },
      providers: { crowelogic },
      chains: { 'crowelogic/mini': ['crowelogic/mini', 'gone', 'gone'], gone: [] },
    });
    expect(problemsIn(merged)).toEqual([
      'Model crowelogic/mini asks for more by defaultMaxOutputTokens than its maxOutputTokens.',
      'Model crowelogic/mini needs as inputs a list of text, image, audio, file, with text in it.',
      'Model crowelogic/mini needs true or false as tools.',
      'Model crowelogic/mini needs a whole number above 0 as retry.attempts.',
      'Model crowelogic/mini has retry.pauseMs; there are attempts, firstBackoffMs, maximumBackoffMs, timeoutMs.',
      'Model crowelogic/maxi needs a whole number above 0 as maxOutputTokens.',
      'The chain of crowelogic/mini names the model itself.',
      'The chain of crowelogic/mini names gone, which is not in models.',
      'The chain of crowelogic/mini names gone, which is not in models.',
      'The chain of crowelogic/mini names gone twice.',
      'The chain of gone is of no use: it is not in models.',
    ]);
  });

  it('never sends a request to a host whose name is still to be filled in', () => {
    const deployment = { ...mini, provider: 'azure' };
    const merged = mergeConfiguration(configuration, { models: { 'azure/mini': deployment } });
    expect(problemsIn(merged)).toEqual([
      'Provider azure has models, but its baseUrl is still https://YOUR-RESOURCE.openai.azure.com/openai/v1. Write your own there.',
    ]);
    const azure = { ...providers.azure, baseUrl: 'https://contoso.openai.azure.com/openai/v1' };
    expect(problemsIn(mergeConfiguration(merged, { providers: { azure } }))).toEqual([]);
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

  it('of a semantic cache names an embedder that is there, with what its index needs', () => {
    const problemsWith = (semantic: object) =>
      problemsIn({
        ...configuration,
        caching: { ...configuration.caching, semantic: { ...configuration.caching.semantic, ...semantic } },
      });
    const embedder = { kind: 'provider', provider: 'openai', model: 'text-embedding-3-small' };
    expect(problemsWith({ embedder })).toEqual([]);
    expect(problemsWith({ embedder, index: 'dynamodb' })).toEqual([expect.stringContaining('dimensions')]);
    expect(problemsWith({ embedder: { ...embedder, provider: 'anthropic' } })).toEqual([
      expect.stringContaining('anthropic'),
    ]);
    expect(problemsWith({ maximumEntries: 0 })).toEqual([expect.stringContaining('maximumEntries')]);
  });
});
