import { configuration } from '../../config/index.ts';
import { bufferedAnswers } from '../buffered-answers.ts';
import { withoutShadows } from '../core/routing/policy.ts';
import { deployedChatGateway } from './gateway.ts';
import { chatHandler } from './handler.ts';

const own = { ...configuration, routing: withoutShadows(configuration.routing) };

/** The chat for platforms that cannot stream: the same pipeline, its answer collected. */
export const handler = bufferedAnswers(() => chatHandler(deployedChatGateway(process.env, own)));
