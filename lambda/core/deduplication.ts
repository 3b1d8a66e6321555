import type { RequestOptions } from './chat-request.ts';
import { ProviderFailure } from './provider-failure.ts';

/** Requests that ask the same at the same time, and what they share. */
export interface Deduplication {
  isOn: boolean;
  /** Milliseconds after its end in which an answer serves whoever asks the same. */
  windowMs: number;
}

/**
 * True when this request may take the answer to another one that asks the same now, or give its own. Who wants nothing kept, or
 * nothing that is not fresh, has a call of its own; so has who samples above this temperature, for variety, and what comes from
 * another gateway, which may be this one, waiting for itself.
 */
export function mayShare(
  { cache, hops = 1 }: RequestOptions,
  temperature: unknown,
  maximumTemperature: number,
  { isOn, windowMs }: Deduplication,
): boolean {
  if (!isOn || hops > 1 || (typeof temperature === 'number' && temperature > maximumTemperature)) return false;
  if (!cache) return true;
  const { mayRead, mayKeep, maximumAgeSeconds = Number.POSITIVE_INFINITY } = cache;
  return mayRead && mayKeep && maximumAgeSeconds * 1_000 >= windowMs;
}

/**
 * True for a failure that would meet another request just like this one: the request is at fault, or every model of its plan was
 * called in vain. What ended one request only (its caller left, its deadline, its own budget) is not the others'.
 */
export function isEverybodys(thrown: unknown): thrown is ProviderFailure {
  return thrown instanceof ProviderFailure && thrown.failureClass !== 'stopped' && thrown.isCalled;
}
