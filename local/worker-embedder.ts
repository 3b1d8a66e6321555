import { Worker } from 'node:worker_threads';
import type { Embedder } from '../lambda/embedding/embedder.ts';
import { SENTENCE_ENCODER_ID } from '../lambda/embedding/sentence-encoder-id.ts';

/** What the thread answers with. */
type Answer = { id: number } & ({ vector: Float32Array } | { error: string });

/**
 * The sentence encoder in a thread of its own, so that it does not block those who serve requests. When the thread dies, all
 * who wait fail, and so does whoever asks afterwards.
 */
export function workerEmbedder(): Embedder & { close(): Promise<void> } {
  const worker = new Worker(new URL('embedding-worker.ts', import.meta.url));
  worker.unref();
  const waiting = new Map<number, PromiseWithResolvers<Float32Array>>();
  let asked = 0;
  let failure: Error | undefined;

  worker.on('message', (answer: Answer) => {
    const one = waiting.get(answer.id);
    waiting.delete(answer.id);
    if ('vector' in answer) one?.resolve(answer.vector);
    else one?.reject(new Error(answer.error));
  });
  const fail = (error: Error) => {
    failure = error;
    for (const one of waiting.values()) one.reject(error);
    waiting.clear();
  };
  worker.on('error', fail);
  worker.on('exit', () => fail(new Error('The thread of the sentence encoder has ended.')));

  return {
    id: SENTENCE_ENCODER_ID,
    embed(text) {
      if (failure) return Promise.reject(failure);
      const one = Promise.withResolvers<Float32Array>();
      waiting.set(++asked, one);
      worker.postMessage({ id: asked, text });
      return one.promise;
    },
    async close() {
      await worker.terminate();
    },
  };
}
