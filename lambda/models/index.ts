import { configuration } from '../../config/index.ts';
import { composeGateway, deployedSurroundings } from '../gateway.ts';
import { modelsHandler } from './handler.ts';

export const handler = modelsHandler(composeGateway(deployedSurroundings(process.env, configuration)));
