import { configuration } from '../../config/index.ts';
import { deployedGateway } from '../gateway.ts';
import { chatHandler } from './handler.ts';

export const handler = chatHandler(deployedGateway(process.env, configuration));
