import { configuration } from '../../config/index.ts';
import { deployedGateway } from '../gateway.ts';
import { modelsHandler } from './handler.ts';

export const handler = modelsHandler(deployedGateway(process.env, configuration));
