import type { Received } from './caller.ts';
import type { Cell, Fault } from './fault.ts';
import type { Ending } from './judge.ts';
import { PRIMARY_KEY } from './profiles.ts';

/** Headers of providers that are nobody else's business. */
const PRIVATE_HEADERS = ['set-cookie', 'x-private', 'server'];

/** What is wrong with an answer whose words are right. */
export function* answerProblems(received: Received, { isStream }: Cell, model: string): Generator<string> {
  yield* leakProblems(received);
  const { headers, documents, doneCount, isDoneLast } = received;
  if (isStream && !(doneCount === 1 && isDoneLast)) yield `[DONE] came ${doneCount} times`;
  if (documents.some(({ error }) => error !== undefined)) yield 'there is an error in an answer';
  if (headers.get('x-headgate-model') !== model) yield `x-headgate-model is ${headers.get('x-headgate-model')}`;
  const name = model.split('/')[1];
  if (!documents.every((document) => document.model === name)) yield `the answer does not name ${name}`;
  const usages = documents.filter(({ usage }) => usage !== undefined && usage !== null);
  if (usages.length !== 1) yield `the usage came ${usages.length} times`;
}

/** What is wrong with an error, in place of an answer or after its first words. */
export function* errorProblems(fault: Fault, received: Received, ending: Ending): Generator<string> {
  yield* leakProblems(received);
  const { status, documents, doneCount, endings, content } = received;
  if (!isOpenAiError(documents.at(-1)?.error)) yield "the last thing said is no error in OpenAI's shape";
  if (ending === 'refused' && fault.statuses && !fault.statuses.includes(status)) yield `the status is ${status}`;
  if (ending !== 'broken') return;
  if (doneCount > 0 || endings.length > 0) yield 'a broken stream looks complete';
  if (!content.startsWith('primary-1') || content.includes('secondary'))
    yield `its words were ${content.slice(0, 100)}`;
}

function isOpenAiError(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { message, type, code } = error as Record<string, unknown>;
  return [message, type, code].every((part) => typeof part === 'string' && part !== '');
}

function* leakProblems({ headers, body }: Received): Generator<string> {
  const leaked = PRIVATE_HEADERS.filter((name) => headers.has(name));
  if (leaked.length > 0) yield `headers of the provider came through: ${leaked}`;
  if (body.includes(PRIMARY_KEY)) yield 'the key of the provider came through';
}
