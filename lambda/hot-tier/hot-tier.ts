/**
 * A fast store beside DynamoDB that may lose everything at any time, and be away. What it does not say within its time limit it
 * has not said: nothing here fails, and nobody waits for it longer than that.
 */
export interface HotTier {
  /** Undefined when there is nothing, or no answer in time. */
  get(key: string): Promise<Uint8Array | undefined>;
  /** False when it was not confirmed in time. */
  set(key: string, value: Uint8Array, forMs: number): Promise<boolean>;
  /** False when it was not confirmed. It is waited for, since what was to go must not come back. */
  delete(keys: readonly string[]): Promise<boolean>;
  /** Tells all who listen to the channel at this moment. */
  tell(channel: string): void;
  /** Calls back whenever somebody tells the channel; answers with the function that ends that. */
  listen(channel: string, heard: () => void): () => void;
  /** Throws when it does not answer. */
  check(): Promise<void>;
  close(): Promise<void>;
}
