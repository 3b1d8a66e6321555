import { configuration } from '../../config/index.ts';
import { deployedRouteSuggestGateway } from './gateway.ts';
import { routeSuggestHandler } from './handler.ts';

export const handler = routeSuggestHandler(deployedRouteSuggestGateway(process.env, configuration));
