import { describe, expect, it } from 'vitest';
import { providerSecret } from '../../lambda/store/provider-secret.ts';

describe('the provider keys in the secret', () => {
  it('are read once in five minutes, by the provider they belong to', async () => {
    let now = 0;
    let text = '{"openai":"sk-1","empty":"","odd":5}';
    let reads = 0;
    const keys = providerSecret(
      async () => {
        reads += 1;
        return text;
      },
      () => now,
    );
    expect(await Promise.all(['openai', 'empty', 'odd', 'nobody', 'toString'].map(keys.find))).toEqual([
      'sk-1',
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    text = '{"openai":"sk-2"}';
    now = 299_999;
    expect(await keys.find('openai')).toBe('sk-1');
    expect(reads).toBe(1);
    now = 300_000;
    expect(await keys.find('openai')).toBe('sk-2');
  });

  it('are asked for again after a failed read', async () => {
    let fails = true;
    const keys = providerSecret(
      async () => {
        if (fails) throw new Error('throttled');
        return '{"openai":"sk-1"}';
      },
      () => 0,
    );
    await expect(keys.find('openai')).rejects.toThrow('throttled');
    fails = false;
    expect(await keys.find('openai')).toBe('sk-1');
  });

  it('are looked for anew when a provider refuses one, at most once a minute for all together', async () => {
    let now = 0;
    let text = '{"openai":"sk-old","groq":"gsk-dead"}';
    let reads = 0;
    const keys = providerSecret(
      async () => {
        reads += 1;
        return text;
      },
      () => now,
    );
    await keys.find('openai');
    text = '{"openai":"sk-new","groq":"gsk-dead"}';
    now = 59_999;
    expect(await keys.inPlaceOf?.('openai', 'sk-old')).toBeUndefined();
    now = 60_000;
    // Many calls are refused at the same moment.
    const found = await Promise.all(Array.from({ length: 50 }, () => keys.inPlaceOf?.('openai', 'sk-old')));
    expect(new Set(found)).toEqual(new Set(['sk-new']));
    expect(reads).toBe(2);
    // A key that is dead in the secret, too, costs a read a minute and no more.
    for (; now < 240_000; now += 1_000) expect(await keys.inPlaceOf?.('groq', 'gsk-dead')).toBeUndefined();
    expect(reads).toBe(4);
  });
});
