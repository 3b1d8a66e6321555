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
});
