import { configuration } from '../../config/index.ts';
import { deployedGateway } from '../gateway.ts';
import { healthHandler } from './handler.ts';

export const handler = healthHandler(deployedGateway(process.env, configuration));
