import type { Configuration } from '../lambda/core/configuration.ts';
import type { ChosenStage } from './stage.ts';

/** Throws with every reason why this stage cannot be deployed as it is written. */
export function refuseDeploymentProblems(stage: ChosenStage, configuration: Configuration): void {
  const problems = deploymentProblems(stage, configuration);
  if (problems.length > 0) throw new Error(`The stage ${stage.name} cannot be deployed:\n- ${problems.join('\n- ')}`);
}

/** Every reason why this stage cannot be deployed, as sentences that say what to change; an empty list when it can. */
export function deploymentProblems(stage: ChosenStage, configuration: Configuration): string[] {
  return [
    ...problemsInNames(stage),
    ...problemsInNumbers(stage),
    ...problemsInDomain(stage),
    ...problemsInNetwork(stage),
    ...problemsInData(stage),
    ...problemsInReleases(stage),
    ...problemsInBedrock(stage, configuration),
  ];
}

const REGION = /^[a-z]{2}(-[a-z]+)+-\d$/;

function* problemsInNames({ stackName, environment, deployment: { alertEmail } }: ChosenStage): Generator<string> {
  if (!/^[A-Za-z][A-Za-z0-9-]{0,99}$/.test(stackName)) {
    yield `stackName "${stackName}" must be letters, digits and hyphens, and begin with a letter.`;
  }
  if (environment && !/^\d{12}$/.test(environment.account)) yield 'environment.account must have twelve digits.';
  if (environment && !REGION.test(environment.region)) yield 'environment.region must be one such as eu-central-1.';
  if (alertEmail !== undefined && !/^\S+@\S+\.\S+$/.test(alertEmail)) {
    yield `alertEmail "${alertEmail}" is no address. Write one such as ops@example.com, or undefined for none.`;
  }
}

function isWhole(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}

/** AWS WAF's own bounds of a rate rule. */
const LEAST_RATE = 10;
const MOST_RATE = 2_000_000_000;

function* problemsInNumbers({ deployment }: ChosenStage): Generator<string> {
  const { recoveryDays, provisionedConcurrency, firewall, throttle, hotTier, chatMemoryMegabytes } = deployment;
  if (!isWhole(recoveryDays, 1, 35)) yield 'recoveryDays must be a whole number from 1 to 35.';
  if (provisionedConcurrency !== undefined && !isWhole(provisionedConcurrency, 1, 1_000)) {
    yield 'provisionedConcurrency must be a whole number from 1 to 1,000, or undefined for none.';
  }
  if (firewall && !isWhole(firewall.requestsPerFiveMinutes, LEAST_RATE, MOST_RATE)) {
    yield `firewall.requestsPerFiveMinutes must be a whole number of at least ${LEAST_RATE}.`;
  }
  if (throttle.burst < throttle.requestsPerSecond) {
    yield 'throttle.burst must be at least throttle.requestsPerSecond, or API Gateway never reaches that rate.';
  }
  if (hotTier && (hotTier.maximumGigabytes < 1 || hotTier.maximumEcpuPerSecond < 1_000)) {
    yield 'hotTier needs at least 1 gigabyte and 1,000 ECPU a second, which is the least ElastiCache takes.';
  }
  if (!isWhole(chatMemoryMegabytes, 128, 10_240))
    yield 'chatMemoryMegabytes must be a whole number from 128 to 10,240.';
}

function* problemsInDomain({ environment, deployment: { customDomain } }: ChosenStage): Generator<string> {
  if (!customDomain) return;
  const { name, certificateArn, hostedZone } = customDomain;
  if (!/^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$/.test(name)) {
    yield `customDomain.name "${name}" must be a host in small letters, such as ai.example.com.`;
  }
  const [, region] = certificateArn.match(/^arn:aws[a-z-]*:acm:([a-z0-9-]+):\d{12}:certificate\/\S+$/) ?? [];
  if (region === undefined)
    yield 'customDomain.certificateArn must be the ARN of a certificate of AWS Certificate Manager.';
  else if (environment && region !== environment.region) {
    yield `customDomain.certificateArn is in ${region}; a regional API needs one in ${environment.region}. Request it there.`;
  }
  if (hostedZone && name !== hostedZone.name && !name.endsWith(`.${hostedZone.name}`)) {
    yield `customDomain.name "${name}" does not lie in the hosted zone ${hostedZone.name}.`;
  }
}

function* problemsInNetwork({ deployment: { network } }: ChosenStage): Generator<string> {
  if (!network) return;
  if (!/^vpc-[0-9a-f]+$/.test(network.vpcId))
    yield 'network.vpcId must be the id of a VPC, such as vpc-0123456789abcdef0.';
  if (network.subnetIds.length === 0) yield 'network.subnetIds must name at least one private subnet; better two.';
  if (network.subnetIds.length !== network.availabilityZones.length) {
    yield 'network.availabilityZones must have one zone for each of network.subnetIds, in the same order.';
  }
}

function* problemsInData({ name, environment, deployment }: ChosenStage): Generator<string> {
  const { dataRemoval, encryptionKeyArn } = deployment;
  if (name === 'prod' && dataRemoval === 'delete') {
    yield "dataRemoval is 'delete', which loses accounts and ledger with their stack. prod must have 'keep'.";
  }
  if (encryptionKeyArn === undefined) return;
  const [, region] = encryptionKeyArn.match(/^arn:aws[a-z-]*:kms:([a-z0-9-]+):\d{12}:key\/\S+$/) ?? [];
  if (region === undefined) {
    yield 'encryptionKeyArn must be the ARN of a KMS key (arn:aws:kms:…:key/…), not of an alias.';
  } else if (!environment) {
    yield 'encryptionKeyArn needs environment in config/stages.ts: a key is in one account and region, and so is the stage.';
  } else if (region !== environment.region) {
    yield `encryptionKeyArn is in ${region}; tables need a key in ${environment.region}, their own region.`;
  }
}

function* problemsInReleases({ deployment: { releases, bufferedAnswers } }: ChosenStage): Generator<string> {
  if (releases !== 'all at once' && bufferedAnswers) {
    yield "bufferedAnswers is for platforms that are not AWS, which have no CodeDeploy. Set releases to 'all at once' with it.";
  }
}

function* problemsInBedrock({ deployment }: ChosenStage, { models, providers }: Configuration): Generator<string> {
  const { bedrockRegion } = deployment;
  if (bedrockRegion === undefined) return;
  if (!REGION.test(bedrockRegion)) yield `bedrockRegion "${bedrockRegion}" must be a region such as eu-central-1.`;
  const isUsed = Object.values(models).some(({ provider }) => providers[provider]?.awsService === 'bedrock');
  if (!isUsed) yield 'bedrockRegion is set, but no model is at Amazon Bedrock. Leave it undefined, or configure one.';
}
