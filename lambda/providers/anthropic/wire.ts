import type { ProviderWire } from '../provider-wire.ts';
import { completionOf } from './completion.ts';
import { openAiErrorOf } from './refusal.ts';
import { messagesRequest } from './request.ts';
import { messageReader } from './stream.ts';

/** The version of the API whose shapes these files know (Anthropic's page "Versions"). */
const HEADERS = { 'anthropic-version': '2023-06-01' };

const nowSeconds = () => Math.floor(Date.now() / 1_000);

/** Anthropic's Messages API. Its answers bear no time; the time they arrive stands for it. */
export const anthropicWire: ProviderWire = {
  request: (request, step) => ({ path: '/messages', headers: HEADERS, body: messagesRequest(request, step) }),

  completion(parsed) {
    const body = completionOf(parsed, nowSeconds());
    return { body, text: JSON.stringify(body) };
  },

  streamReader: () => messageReader(nowSeconds()),

  refusal: openAiErrorOf,
};
