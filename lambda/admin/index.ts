import { configuration } from '../../config/index.ts';
import { deployedAdminGateway } from './gateway.ts';
import { adminHandler } from './handler.ts';

export const handler = adminHandler(deployedAdminGateway(process.env, configuration));
