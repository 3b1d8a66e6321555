import { describe, expect, it } from 'vitest';
import { configuration } from '../../config/index.ts';
import { inBedrockRegion } from '../../lambda/core/bedrock-region.ts';

describe("Bedrock's region", () => {
  it('is in the host that is called, and in the part of the world that requests may insist on', () => {
    const { providers } = inBedrockRegion(configuration, 'eu-central-1');
    expect(providers.bedrock).toEqual({
      ...configuration.providers.bedrock,
      baseUrl: 'https://bedrock-runtime.eu-central-1.amazonaws.com/openai/v1',
      region: 'eu',
    });
    expect({ ...providers, bedrock: undefined }).toEqual({ ...configuration.providers, bedrock: undefined });
  });

  it('stays what it is where nobody chose one, and for a host that is not AWS', () => {
    expect(inBedrockRegion(configuration, undefined)).toBe(configuration);
    const own = { ...configuration.providers.bedrock, baseUrl: 'http://127.0.0.1:1/v1' } as never;
    const local = { ...configuration, providers: { bedrock: own } };
    expect(inBedrockRegion(local, 'eu-west-1').providers.bedrock).toEqual(own);
  });
});
