import type { InputKind, Model } from './configuration.ts';

/** What a model can do, with every default filled in. */
export interface ModelAbilities {
  inputs: readonly InputKind[];
  tools: boolean;
  jsonSchema: boolean;
  /** Undefined means unlimited. */
  maxOutputTokens: number | undefined;
}

/** A model's abilities; what its entry leaves out has its default. */
export function abilitiesOf({ inputs, tools, jsonSchema, maxOutputTokens }: Model): ModelAbilities {
  return { inputs: inputs ?? ['text'], tools: tools ?? true, jsonSchema: jsonSchema ?? true, maxOutputTokens };
}
