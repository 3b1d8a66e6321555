import { parentPort } from 'node:worker_threads';
import { sentenceEncoder } from '../lambda/embedding/sentence-encoder.ts';

const encoder = sentenceEncoder();

parentPort?.on('message', async ({ id, text }: { id: number; text: string }) => {
  try {
    parentPort?.postMessage({ id, vector: await (await encoder).embed(text) });
  } catch (error) {
    parentPort?.postMessage({ id, error: String(error) });
  }
});
