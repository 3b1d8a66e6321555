import { configuration } from '../../config/index.ts';
import { deployedExportGateway } from './gateway.ts';
import { exportHandler } from './handler.ts';

export const handler = exportHandler(deployedExportGateway(process.env, configuration));
