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

  it('has a vector index on the table of answers where it is asked for, which chat alone may search', () => {
    const { gateway } = synthesise(false, false, {}, { isOn: true, index: 'dynamodb' });
    gateway.hasResourceProperties('AWS::DynamoDB::GlobalTable', {
      VectorIndexes: [
        {
          IndexName: 'neighbours',
          Dimensions: 512,
          DistanceFunction: 'COSINE',
          VectorAttribute: { AttributeName: 'embedding' },
          SearchSchema: [{ AttributeName: 'near', SearchSchemaElementType: 'HASH' }],
          Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['fingerprint', 'prompt', 'expiresAt'] },
        },
      ],
      AttributeDefinitions: Match.arrayWith([{ AttributeName: 'near', AttributeType: 'S' }]),
    });
    const searching = Object.entries(gateway.findResources('AWS::IAM::Policy'))
      .filter(([, policy]) => JSON.stringify(policy).includes('dynamodb:SearchVectors'))
      .map(([id]) => id.replace(/Role.*/, ''));
    expect(searching).toEqual(['Chat']);
    expect(JSON.stringify(synthesise(false, false, {}, { isOn: true }).gateway.toJSON())).not.toContain(
      'VectorIndexes',
    );
  });

  it('is refused with a vector index where nobody says how long the vectors are', () => {
    const embedder = { kind: 'provider', provider: 'openai', model: 'text-embedding-3-small' } as const;
    expect(() => synthesise(false, false, {}, { isOn: true, index: 'dynamodb', embedder })).toThrow('dimensions');
  });
});
