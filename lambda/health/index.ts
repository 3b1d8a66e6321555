import { configuration } from '../../config/index.ts';
import { composeGateway, deployedSurroundings } from '../gateway.ts';
import { healthHandler } from './handler.ts';

export const handler = healthHandler(composeGateway(deployedSurroundings(process.env, configuration)));
