import { configuration } from '../../config/index.ts';
import { deployedBillingGateway } from './gateway.ts';
import { billingHandler } from './handler.ts';

export const handler = billingHandler(deployedBillingGateway(process.env, configuration));
