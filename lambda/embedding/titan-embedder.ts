import type { Upstream } from '../ports.ts';
import type { SignForAws } from '../providers/authorize.ts';
import { type Embedder, ofLengthOne } from './embedder.ts';
import { numbersOf, postForJson } from './post-json.ts';

const MODEL = 'amazon.titan-embed-text-v2:0';

/** The smallest size that the model offers: it compares a quarter of what the largest does. */
const DIMENSIONS = 256;

interface TitanPorts {
  upstream: Upstream;
  signForAws: SignForAws;
}

/** Amazon Titan text embeddings v2 at Amazon Bedrock, called with the process's own AWS credentials. */
export function titanEmbedder({ upstream, signForAws }: TitanPorts, region: string): Embedder {
  const url = `https://bedrock-runtime.${region}.amazonaws.com/model/${encodeURIComponent(MODEL)}/invoke`;
  return {
    id: `titan-v2-${DIMENSIONS}`,
    async embed(text, signal = AbortSignal.timeout(10_000)) {
      const body = JSON.stringify({ inputText: text, dimensions: DIMENSIONS, normalize: true });
      const headers = { 'content-type': 'application/json', accept: 'application/json' };
      const signed = await signForAws({ url, headers, body }, 'bedrock');
      const { embedding } = await postForJson(upstream, { url, headers: signed, body, signal });
      return ofLengthOne(numbersOf(embedding));
    },
  };
}
