import { describe, expect, it } from 'vitest';
import type { Provider } from '../../lambda/core/configuration.ts';
import { authorize } from '../../lambda/providers/authorize.ts';
import { signForAws } from '../../lambda/providers/sign-for-aws.ts';

const provider: Provider = {
  wire: 'openai',
  baseUrl: 'https://bedrock-runtime.us-east-1.amazonaws.com/openai/v1',
  maxTokensField: 'max_tokens',
  takesStreamOptions: true,
  needsKey: true,
};
const request = {
  url: `${provider.baseUrl}/chat/completions`,
  headers: { 'content-type': 'application/json' },
  body: '{}',
};
const sign = signForAws({
  credentials: async () => ({ accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret', sessionToken: 'session' }),
  region: async () => 'us-east-1',
});

describe('what proves to a provider who calls', () => {
  it('is the key, in the header the provider wants', async () => {
    expect(await authorize(request, provider, 'sk-1', sign)).toMatchObject({ authorization: 'Bearer sk-1' });
    const azure = await authorize(request, { ...provider, keyHeader: 'api-key' }, 'sk-1', sign);
    expect(azure).toEqual({ ...request.headers, 'api-key': 'sk-1' });
  });

  it('is a signature for AWS where there is no key', async () => {
    const signed = await authorize(request, { ...provider, awsService: 'bedrock' }, undefined, sign);
    expect(signed.authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/us-east-1\/bedrock\/aws4_request, SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date;x-amz-security-token, Signature=[0-9a-f]{64}$/,
    );
    // The SHA-256 of "{}".
    expect(signed['x-amz-content-sha256']).toBe('44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a');
    const withKey = await authorize(request, { ...provider, awsService: 'bedrock' }, 'bedrock-key', sign);
    expect(withKey.authorization).toBe('Bearer bedrock-key');
  });

  it("is a signature for the host's region, wherever the function runs", async () => {
    const url = 'https://bedrock-runtime.eu-central-1.amazonaws.com/openai/v1/chat/completions';
    const signed = await authorize({ ...request, url }, { ...provider, awsService: 'bedrock' }, undefined, sign);
    expect(signed.authorization).toContain('/eu-central-1/bedrock/aws4_request');
  });

  it('is nothing for an open server', async () => {
    expect(await authorize(request, { ...provider, needsKey: false }, undefined, sign)).toEqual(request.headers);
  });
});
