import type { Provider } from '../core/configuration.ts';
import { isJsonObject } from '../core/json-body.ts';
import type { ProviderKeys, Upstream } from '../ports.ts';
import { authorize, type SignForAws } from '../providers/authorize.ts';
import { type Embedder, ofLengthOne } from './embedder.ts';
import { numbersOf, postForJson } from './post-json.ts';

interface OpenAiEmbedderPorts {
  upstream: Upstream;
  signForAws: SignForAws;
  providerKeys: ProviderKeys;
}

/** The `/embeddings` endpoint of a configured provider that speaks OpenAI's format. */
export function openAiEmbedder(
  { upstream, signForAws, providerKeys }: OpenAiEmbedderPorts,
  { id, provider }: { id: string; provider: Provider },
  model: string,
  dimensions?: number,
): Embedder {
  const url = `${provider.baseUrl}/embeddings`;
  return {
    id: `${id}/${model}${dimensions === undefined ? '' : `-${dimensions}`}`,
    async embed(text, signal = AbortSignal.timeout(10_000)) {
      const body = JSON.stringify({
        model,
        input: text,
        encoding_format: 'float',
        ...(dimensions ? { dimensions } : {}),
      });
      const key = await providerKeys.find(id);
      const headers = await authorize(
        { url, headers: { 'content-type': 'application/json' }, body },
        provider,
        key,
        signForAws,
      );
      const { data } = await postForJson(upstream, { url, headers, body, signal });
      const [first]: unknown[] = Array.isArray(data) ? data : [];
      return ofLengthOne(numbersOf(isJsonObject(first) ? first.embedding : undefined));
    },
  };
}
