import { configuration } from '../../config/index.ts';
import { deployedJobsGateway } from './gateway.ts';
import { jobsHandler } from './handler.ts';

export const handler = jobsHandler(deployedJobsGateway(process.env, configuration));
