import { describe, expect, it } from 'vitest';
import type { Deployment } from '../../config/deployment.ts';
import { configuration } from '../../config/index.ts';
import { deploymentProblems, refuseDeploymentProblems } from '../../lib/deployment-problems.ts';
import { type ChosenStage, chosenStage } from '../../lib/stage.ts';

const PLACE = { account: '111122223333', region: 'eu-central-1' };
const CERTIFICATE = 'arn:aws:acm:eu-central-1:111122223333:certificate/0a1b';
const KEY = 'arn:aws:kms:eu-central-1:111122223333:key/0a1b';
const DOMAIN = { name: 'ai.example.com', certificateArn: CERTIFICATE, hostedZone: undefined, isOnlyAddress: false };
const NETWORK = { vpcId: 'vpc-0a1b', subnetIds: ['subnet-1'], availabilityZones: ['eu-central-1a'] };

const problems = (options: Partial<Deployment>, more: Partial<ChosenStage> = {}, of = configuration) => {
  const stage = chosenStage();
  return deploymentProblems({ ...stage, ...more, deployment: { ...stage.deployment, ...options } }, of);
};

describe('a stage that can be deployed', () => {
  it('has no problem', () => {
    expect(problems({})).toEqual([]);
    const options = { customDomain: DOMAIN, network: NETWORK, encryptionKeyArn: KEY, bedrockRegion: 'eu-west-1' };
    expect(problems(options, { environment: PLACE })).toEqual([]);
  });
});

describe('a stage that cannot be deployed is refused, and says what to change:', () => {
  it.each<[string, Partial<Deployment>, Partial<ChosenStage>, string]>([
    ['a name no stack can have', {}, { stackName: 'Head gate' }, 'must be letters, digits and hyphens'],
    ['an account that is none', {}, { environment: { ...PLACE, account: '1' } }, 'must have twelve digits'],
    ['a region that is none', {}, { environment: { ...PLACE, region: 'eu' } }, 'such as eu-central-1'],
    ['an e-mail address that is none', { alertEmail: 'ops' }, {}, 'Write one such as ops@example.com'],
    ['no day to recover', { recoveryDays: 0 }, {}, 'from 1 to 35'],
    ['more days than there are', { recoveryDays: 36 }, {}, 'from 1 to 35'],
    ['half a function', { provisionedConcurrency: 0.5 }, {}, 'or undefined for none'],
    ['a rate below what WAF takes', { firewall: { requestsPerFiveMinutes: 9, managedRules: true } }, {}, 'at least 10'],
    [
      'a bucket below its rate',
      { throttle: { requestsPerSecond: 9, burst: 3 } },
      {},
      'throttle.burst must be at least',
    ],
    ['a hot tier that is too small', { hotTier: { maximumGigabytes: 1, maximumEcpuPerSecond: 1 } }, {}, '1,000 ECPU'],
    ['memory that Lambda has not', { chatMemoryMegabytes: 64 }, {}, 'from 128 to 10,240'],
    ['a URL for a name', { customDomain: { ...DOMAIN, name: 'https://x' } }, {}, 'must be a host in small letters'],
    ['a certificate that is none', { customDomain: { ...DOMAIN, certificateArn: 'x' } }, {}, 'ARN of a certificate'],
    [
      'a certificate elsewhere',
      { customDomain: { ...DOMAIN, certificateArn: CERTIFICATE.replace('eu-central-1', 'us-east-1') } },
      { environment: PLACE },
      'needs one in eu-central-1',
    ],
    [
      'a name in another zone',
      { customDomain: { ...DOMAIN, hostedZone: { id: 'Z', name: 'example.org' } } },
      {},
      'does not lie in the hosted zone example.org',
    ],
    ['a VPC that is none', { network: { ...NETWORK, vpcId: 'default' } }, {}, 'must be the id of a VPC'],
    ['no subnets', { network: { ...NETWORK, subnetIds: [], availabilityZones: [] } }, {}, 'at least one private'],
    ['subnets without zones', { network: { ...NETWORK, availabilityZones: [] } }, {}, 'one zone for each'],
    ['production that forgets', { dataRemoval: 'delete' }, { name: 'prod' }, "prod must have 'keep'"],
    ['a key by its alias', { encryptionKeyArn: 'alias/x' }, { environment: PLACE }, 'not of an alias'],
    ['a key without a place', { encryptionKeyArn: KEY }, {}, 'needs environment in config/stages.ts'],
    [
      'a key elsewhere',
      { encryptionKeyArn: KEY.replace('eu-central-1', 'us-east-1') },
      { environment: PLACE },
      'tables need a key in eu-central-1',
    ],
    ['a canary without AWS', { releases: 'canary', bufferedAnswers: true }, {}, "Set releases to 'all at once'"],
    ['a region of Bedrock that is none', { bedrockRegion: 'europe' }, {}, 'such as eu-central-1'],
  ])('%s', (_, options, more, says) => {
    const found = problems(options, more);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(says);
  });

  it('a region of Bedrock that nothing calls', () => {
    const models = Object.entries(configuration.models).filter(([, { provider }]) => provider !== 'bedrock');
    const without = { ...configuration, models: Object.fromEntries(models) };
    expect(problems({ bedrockRegion: 'eu-west-1' }, {}, without)).toEqual([
      'bedrockRegion is set, but no model is at Amazon Bedrock. Leave it undefined, or configure one.',
    ]);
  });

  it('all of them at once', () => {
    const stage = chosenStage('prod');
    const bad = { ...stage, deployment: { ...stage.deployment, dataRemoval: 'delete' as const, recoveryDays: 0 } };
    expect(() => refuseDeploymentProblems(bad, configuration)).toThrow(
      /^The stage prod cannot be deployed:\n- recoveryDays .*\n- dataRemoval /,
    );
  });
});
