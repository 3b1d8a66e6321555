import type { Provider } from '../core/configuration.ts';
import { openAiWire } from './openai-wire.ts';
import type { ProviderWire } from './provider-wire.ts';

const WIRES: Readonly<Record<Provider['wire'], () => Promise<ProviderWire>>> = {
  openai: async () => openAiWire,
  anthropic: async () => (await import('./anthropic/wire.ts')).anthropicWire,
};

/** The wire a provider speaks. Those that few requests need are loaded with the first one that does. */
export function wireOf(provider: Provider): Promise<ProviderWire> {
  return WIRES[provider.wire]();
}
