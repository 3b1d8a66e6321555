import type { Configuration } from '../core/configuration.ts';
import type { ProviderKeys, Upstream } from '../ports.ts';
import type { SignForAws } from '../providers/authorize.ts';
import type { Embedder } from './embedder.ts';
import { openAiEmbedder } from './openai-embedder.ts';
import { titanEmbedder } from './titan-embedder.ts';

interface EmbedderPorts {
  upstream: Upstream;
  signForAws: SignForAws;
  providerKeys: ProviderKeys;
}

/** The embedder that a configuration chooses; `beside` is the sentence encoder in its own process, where there is one. */
export function embedderOf(
  { caching, providers }: Configuration,
  ports: EmbedderPorts,
  beside: Embedder | undefined,
): Embedder | undefined {
  const { isOn, embedder } = caching.semantic;
  if (!isOn) return undefined;
  if (embedder.kind === 'in process') return beside;
  if (embedder.kind === 'bedrock') return titanEmbedder(ports, embedder.region);
  const { provider: id, model, dimensions } = embedder;
  const provider = providers[id];
  if (!provider) throw new Error(`caching.semantic names the provider ${id}, which is not configured.`);
  return openAiEmbedder(ports, { id, provider }, model, dimensions);
}
