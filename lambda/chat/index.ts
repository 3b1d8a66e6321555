import { configuration } from '../../config/index.ts';
import { deployedChatGateway } from './gateway.ts';
import { chatHandler } from './handler.ts';

export const handler = chatHandler(deployedChatGateway(process.env, configuration));
