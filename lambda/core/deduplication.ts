import type { CacheWish } from './chat-request.ts';
import { ProviderFailure } from './provider-failure.ts';

/** Requests that ask the same at the same time, and what they share. */
export interface Deduplication {
  isOn: boolean;
  /** Milliseconds after its end in which an answer serves whoever asks the same. */
  windowMs: number;
}

/**
 * True when this request may take the answer to another one that asks the same now, or give its own: who wants nothing kept,
 * or nothing that is not fresh, has a call of its own. So has who samples above this temperature, for variety.
 */
export function mayShare(
  wish: CacheWish | undefined,
  temperature: unknown,
  maximumTemperature: number,
  { isOn, windowMs }: Deduplication,
): boolean {
  if (!isOn || (typeof temperature === 'number' && temperature > maximumTemperature)) return false;
  if (!wish) return true;
  const { mayRead, mayKeep, maximumAgeSeconds = Number.POSITIVE_INFINITY } = wish;
  return mayRead && mayKeep && maximumAgeSeconds * 1_000 >= windowMs;
}

/**
 * True for a failure that meets everybody who asks the same: the request is at fault, or every model of its plan was called in
 * vain. What ended one request only (its caller left, its deadline, its own budget) is not the others'.
 */
export function isEverybodys(thrown: unknown): thrown is ProviderFailure {
  return thrown instanceof ProviderFailure && thrown.failureClass !== 'stopped' && thrown.isCalled;
}
