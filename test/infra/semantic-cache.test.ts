import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { synthesise } from './synthesise.ts';

describe('the semantic cache', () => {
  it('adds nothing to the template while it is off', () => {
    const text = JSON.stringify(synthesise(false).gateway.toJSON());
    expect(text).not.toContain('Embed');
    expect(text).not.toContain('EMBED_FUNCTION');
    expect(text).not.toContain('titan');
  });

  it('has a function of its own for the encoder, which chat alone may call', () => {
    const { gateway } = synthesise(false, false, {}, { isOn: true });
    gateway.hasResourceProperties('AWS::Lambda::Function', {
      Description: "Vectors for the chat function's semantic cache",
      MemorySize: Match.anyValue(),
    });
    const invoking = Object.entries(gateway.findResources('AWS::IAM::Policy'))
      .filter(([, policy]) => /lambda:InvokeFunction.*Embed/.test(JSON.stringify(policy)))
      .map(([id]) => id.replace(/Role.*/, ''));
    expect(invoking).toEqual(['Chat']);
    expect(JSON.stringify(gateway.findResources('AWS::Lambda::Function'))).toContain('EMBED_FUNCTION');
  });

  it('may call Titan, and has no function, where Bedrock makes the vectors', () => {
    const embedder = { kind: 'bedrock', region: 'eu-central-1' } as const;
    const { gateway } = synthesise(false, false, {}, { isOn: true, embedder });
    const text = JSON.stringify(gateway.toJSON());
    expect(text).toContain(':bedrock:eu-central-1::foundation-model/amazon.titan-embed-text-v2:0');
    expect(text).not.toContain('EMBED_FUNCTION');
  });
});
