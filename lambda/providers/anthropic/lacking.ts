import { GatewayError } from '../../core/errors.ts';
import type { JsonObject } from '../../core/json-body.ts';
import { ProviderFailure } from '../../core/provider-failure.ts';

/** A request that these models cannot answer, and another may. `param` is the field to blame. */
export function cannot(param: string, message: string): ProviderFailure {
  return new ProviderFailure('model', new GatewayError('invalid_request', message, { param }));
}

/** Fields whose value asks for something in the answer that these models do not give, and what to do instead. */
const LACKING: readonly [field: string, asks: (value: unknown) => boolean, message: string][] = [
  ['n', (value) => typeof value === 'number' && value > 1, 'This model gives one choice. Leave out "n", or ask again.'],
  ['logprobs', (value) => value === true, 'This model gives no log probabilities. Leave out "logprobs".'],
  [
    'modalities',
    (value) => Array.isArray(value) && value.some((kind) => kind !== 'text'),
    'This model answers in text only. Leave out "modalities".',
  ],
  ['web_search_options', isGiven, 'This model does not search the web. Leave out "web_search_options".'],
  ['functions', isGiven, 'This model takes "tools" in place of "functions".'],
];

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

/**
 * Throws a failure of class `model` for what would be missing in the answer. Fields that only shape it a little, such as
 * `seed`, `frequency_penalty` or `logit_bias`, are left out of the request instead.
 */
export function refuseWhatIsLacking(body: JsonObject): void {
  for (const [field, asks, message] of LACKING) {
    if (asks(body[field])) throw cannot(field, message);
  }
}
