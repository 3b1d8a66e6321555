import { startDynamo } from '../local/dynamo.ts';
import { serveParent } from './child.ts';

/** The embedded DynamoDB in a process of its own, so that its cost is not taken for the gateway's. */
serveParent((await startDynamo(undefined)).endpoint);
