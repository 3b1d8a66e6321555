import { configuration } from '../../config/index.ts';
import { bufferedAnswers } from '../buffered-answers.ts';
import { deployedChatGateway } from './gateway.ts';
import { chatHandler } from './handler.ts';

/** The chat for platforms that cannot stream: the same pipeline, its answer collected, which would wait for side calls. */
export const handler = bufferedAnswers(() =>
  chatHandler(deployedChatGateway(process.env, configuration), { makesSideCalls: false }),
);
