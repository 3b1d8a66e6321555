import { Logger } from '@aws-lambda-powertools/logger';
import { required } from '../gateway.ts';
import { dynamoClient } from '../store/dynamo.ts';
import { awsReleasePorts } from './aws.ts';
import { checkRelease, type HookEvent, type NewVersion } from './handler.ts';

const logger = new Logger({ serviceName: process.env.POWERTOOLS_SERVICE_NAME ?? 'release-check' });
const region = required(process.env, 'AWS_REGION');
const ports = {
  ...awsReleasePorts(dynamoClient().config, region, process.env.AWS_ENDPOINT_URL),
  versions: JSON.parse(required(process.env, 'NEW_VERSIONS')) as NewVersion[],
  log: (name: string, isGood: boolean, error: string | undefined) =>
    logger[isGood ? 'info' : 'error']('release check', { function: name, isGood, error }),
};

/** What CodeDeploy calls before traffic shifts to a new version. */
export function handler(event: HookEvent): Promise<void> {
  return checkRelease(ports, event);
}
