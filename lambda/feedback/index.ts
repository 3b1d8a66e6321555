import { configuration } from '../../config/index.ts';
import { deployedFeedbackGateway } from './gateway.ts';
import { feedbackHandler } from './handler.ts';

export const handler = feedbackHandler(deployedFeedbackGateway(process.env, configuration));
