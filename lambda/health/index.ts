import { configuration } from '../../config/index.ts';
import { deployedHealthGateway } from './gateway.ts';
import { healthHandler } from './handler.ts';

export const handler = healthHandler(deployedHealthGateway(process.env, configuration));
