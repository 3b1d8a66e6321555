import { configuration } from '../../config/index.ts';
import { deployedCacheGateway } from './gateway.ts';
import { cacheHandler } from './handler.ts';

export const handler = cacheHandler(deployedCacheGateway(process.env, configuration));
