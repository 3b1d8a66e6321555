import { configuration } from '../../config/index.ts';
import { deployedUsageGateway } from './gateway.ts';
import { usageHandler } from './handler.ts';

export const handler = usageHandler(deployedUsageGateway(process.env, configuration));
