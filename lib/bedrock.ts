import { Aws } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Configuration } from '../lambda/core/configuration.ts';

/** What a function must be allowed for the models it calls at Amazon Bedrock with its own credentials: just those models. */
export function bedrockStatements({ models, providers }: Configuration): PolicyStatement[] {
  const resources = Object.values(models).flatMap(({ provider, upstreamName }) => {
    const { awsService, baseUrl = '' } = providers[provider] ?? {};
    const region = baseUrl.match(/^https:\/\/bedrock-runtime\.([a-z0-9-]+)\./)?.[1];
    if (awsService !== 'bedrock' || region === undefined) return [];
    return [`arn:${Aws.PARTITION}:bedrock:${region}::foundation-model/${upstreamName}`];
  });
  if (resources.length === 0) return [];
  return [
    new PolicyStatement({ actions: ['bedrock:InvokeModel', 'bedrock:InvokeModelWithResponseStream'], resources }),
  ];
}

/** What a function must be allowed for the vectors of the semantic cache, where Bedrock makes them: that model alone. */
export function embeddingStatements({ caching: { isOn, semantic } }: Configuration): PolicyStatement[] {
  const { embedder } = semantic;
  if (!isOn || !semantic.isOn || embedder.kind !== 'bedrock') return [];
  const model = `arn:${Aws.PARTITION}:bedrock:${embedder.region}::foundation-model/amazon.titan-embed-text-v2:0`;
  return [new PolicyStatement({ actions: ['bedrock:InvokeModel'], resources: [model] })];
}
