import { mayUse } from '../core/terms.ts';
import type { Gateway } from '../gateway.ts';
import type { BufferedHandler } from '../http.ts';
import { keyedHandler } from '../json-handler.ts';
import { modelShown } from './model-shown.ts';

/** GET /v1/models: the configured models that the caller may use, in OpenAI's list format with fields of our own. */
export function modelsHandler(gateway: Gateway): BufferedHandler {
  const { models } = gateway.configuration;
  const shown = Object.entries(models).map(([id, model]) => modelShown(id, model));
  return keyedHandler(gateway, async (_event, { caller }) => {
    const data = shown.filter(({ id }) => !caller || mayUse(caller.terms, id));
    return { status: 200, body: { object: 'list', data } };
  });
}
