import type { Clock, ProviderKeys } from '../ports.ts';

/** A key replaced in the secret is used everywhere after this time. */
const REMEMBERED_MS = 5 * 60_000;

/** A refused key is looked for anew at most this often, by all providers together: a dead one must not cost a read a request. */
const REFUSED_EVERY_MS = 60_000;

/** The secret's text, JSON of provider ids to keys: `{"openai": "sk-…"}`. */
type ReadSecret = () => Promise<string>;

/** Provider keys from one secret, read when first needed, again every five minutes, and when a provider refuses one. */
export function providerSecret(readSecret: ReadSecret, clock: Clock): ProviderKeys {
  let keys: Promise<Record<string, unknown>> | undefined;
  let readAtMs = 0;

  async function read(): Promise<Record<string, unknown>> {
    const keysById: unknown = JSON.parse(await readSecret());
    return typeof keysById === 'object' && keysById !== null ? { ...keysById } : {};
  }

  async function find(providerId: string): Promise<string | undefined> {
    if (!keys || clock() - readAtMs >= REMEMBERED_MS) {
      readAtMs = clock();
      keys = read();
      keys.catch(() => {
        keys = undefined;
      });
    }
    const keysById = await keys;
    const key = Object.hasOwn(keysById, providerId) ? keysById[providerId] : undefined;
    return typeof key === 'string' && key !== '' ? key : undefined;
  }

  return {
    find,

    async inPlaceOf(providerId, refusedKey) {
      const known = await find(providerId);
      // Somebody else has looked since this key was taken.
      if (known !== refusedKey) return known;
      if (clock() - readAtMs >= REFUSED_EVERY_MS) keys = undefined;
      const now = await find(providerId);
      return now === refusedKey ? undefined : now;
    },
  };
}

/** Reads a secret of AWS Secrets Manager. The client is loaded when the first secret is. */
export function secretReader(secretArn: string): ReadSecret {
  return async () => {
    const { GetSecretValueCommand, SecretsManagerClient } = await import('@aws-sdk/client-secrets-manager');
    const client = new SecretsManagerClient({
      maxAttempts: 2,
      requestHandler: { connectionTimeout: 1_000, requestTimeout: 2_000, throwOnRequestTimeout: true },
    });
    try {
      const { SecretString = '{}' } = await client.send(new GetSecretValueCommand({ SecretId: secretArn }));
      return SecretString;
    } catch (error) {
      // A secret that nobody has filled yet has no value: there are no keys.
      if (error instanceof Error && error.name === 'ResourceNotFoundException') return '{}';
      throw error;
    }
  };
}
