import { GatewayError } from './core/errors.ts';

/** An error of the store, which the AWS SDK marks, as one that may be tried again; any other as it is. */
export function storeUnavailable(thrown: unknown): unknown {
  const isOfStore =
    thrown instanceof Error && ('$metadata' in thrown || '$retryable' in thrown || thrown.name === 'TimeoutError');
  if (!isOfStore) return thrown;
  const message = 'The store does not answer, or not in time. Look at what is there, then try again.';
  return new GatewayError('store_unavailable', message, { cause: thrown, retryAfterSeconds: 1 });
}
