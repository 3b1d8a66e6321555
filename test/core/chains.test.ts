import { describe, expect, it } from 'vitest';
import { chains } from '../../config/chains.ts';
import { configuration } from '../../config/index.ts';
import type { Model } from '../../lambda/core/configuration.ts';
import { abilitiesOf } from '../../lambda/core/model-abilities.ts';

const modelOf = (id: string) => configuration.models[id] as Model;
const entries = Object.entries<readonly string[]>(chains);

/** A fallback has at least this much room, or as much as the model it stands in for. */
const ROOM_TOKENS = 128_000;

describe('our chains of fallbacks', () => {
  it('are there for every model', () => {
    expect(Object.keys(chains).sort()).toEqual(Object.keys(configuration.models).sort());
  });

  it('name two to four others, each once', () => {
    for (const [id, chain] of entries) {
      expect(chain.length, id).toBeGreaterThanOrEqual(2);
      expect(chain.length, id).toBeLessThanOrEqual(4);
      // A chain is followed as it stands, so this alone keeps a request from asking any model twice.
      expect(new Set([id, ...chain]).size, id).toBe(chain.length + 1);
    }
  });

  it('leave the provider', () => {
    for (const [id, chain] of entries) {
      expect(new Set([id, ...chain].map((one) => modelOf(one).provider)).size, id).toBeGreaterThan(1);
    }
  });

  it('have room for what was asked', () => {
    for (const [id, chain] of entries) {
      const needed = Math.min(ROOM_TOKENS, modelOf(id).contextWindowTokens);
      for (const fallback of chain) {
        expect(modelOf(fallback).contextWindowTokens, `${id}, ${fallback}`).toBeGreaterThanOrEqual(needed);
      }
    }
  });

  it('name one at least that reads and does all that the model does', () => {
    for (const [id, chain] of entries) {
      const { inputs, tools, jsonSchema } = abilitiesOf(modelOf(id));
      const equal = chain.filter((fallback) => {
        const able = abilitiesOf(modelOf(fallback));
        return (
          inputs.every((kind) => able.inputs.includes(kind)) && able.tools >= tools && able.jsonSchema >= jsonSchema
        );
      });
      expect(equal, id).not.toEqual([]);
    }
  });

  it("has the user's own example", () => {
    expect(chains['openai/gpt-4o']).toEqual(['openai/gpt-4o-mini', 'anthropic/claude-sonnet-5']);
  });
});
