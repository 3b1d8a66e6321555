/** How often a model is tried again when its provider failed in a way that may pass, before the next model's turn. */
export interface RetryPolicy {
  /** Tries in all, the first included: 1 means never again. */
  attempts: number;
  /** The pause before the second try. Each later pause is longer, up to the next field. */
  firstBackoffMs: number;
  maximumBackoffMs: number;
  /** The most one try may take. The request's own deadline ends it all the same. */
  timeoutMs: number;
}
