import type { Upstream } from '../ports.ts';
import type { SignForAws } from '../providers/authorize.ts';
import type { Embedder } from './embedder.ts';
import { postForJson } from './post-json.ts';
import { SENTENCE_ENCODER_ID } from './sentence-encoder-id.ts';
import { decodeVector } from './vector-text.ts';

interface LambdaEmbedderPorts {
  upstream: Upstream;
  signForAws: SignForAws;
}

/** The sentence encoder in the function that is deployed for it, invoked over HTTP with this process's own credentials. */
export function lambdaEmbedder(
  { upstream, signForAws }: LambdaEmbedderPorts,
  region: string,
  functionName: string,
): Embedder {
  const url = `https://lambda.${region}.amazonaws.com/2015-03-31/functions/${encodeURIComponent(functionName)}/invocations`;
  return {
    id: SENTENCE_ENCODER_ID,
    async embed(text, signal = AbortSignal.timeout(10_000)) {
      const body = JSON.stringify({ text });
      const headers = await signForAws({ url, headers: { 'content-type': 'application/json' }, body }, 'lambda');
      const { vector } = await postForJson(upstream, { url, headers, body, signal });
      if (typeof vector !== 'string') throw new Error('The embed function answered without a vector.');
      return decodeVector(vector);
    },
  };
}
