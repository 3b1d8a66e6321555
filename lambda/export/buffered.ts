import { configuration } from '../../config/index.ts';
import { bufferedAnswers } from '../buffered-answers.ts';
import { deployedExportGateway } from './gateway.ts';
import { exportHandler } from './handler.ts';

/** The export for platforms that cannot stream: the same pipeline, its answer collected. */
export const handler = bufferedAnswers(() => exportHandler(deployedExportGateway(process.env, configuration)));
