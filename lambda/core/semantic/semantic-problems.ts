import type { Configuration } from '../configuration.ts';
import { OPERATING_POINTS } from './operating-points.ts';
import { dimensionsOf } from './policy.ts';

/** Why the semantic cache of a configuration cannot run, as sentences. */
export function* problemsInSemanticCache(configuration: Configuration): Generator<string> {
  const { caching, providers } = configuration;
  const { embedder, index, maximumEntries, mode } = caching.semantic;
  if (!Object.hasOwn(OPERATING_POINTS, mode)) {
    yield `caching.semantic.mode must be ${Object.keys(OPERATING_POINTS).join(', ')}.`;
  }
  if (embedder.kind === 'provider') {
    const { provider } = embedder;
    if (providers[provider]?.wire !== 'openai') {
      yield `caching.semantic.embedder names ${provider}, which is no provider that speaks OpenAI's format.`;
    }
  }
  if (index === 'dynamodb' && dimensionsOf(embedder) === undefined) {
    yield 'caching.semantic.embedder needs dimensions for the vector index of DynamoDB.';
  }
  if (!Number.isInteger(maximumEntries) || maximumEntries < 1 || maximumEntries > 10_000) {
    yield 'caching.semantic.maximumEntries must be a whole number from 1 to 10,000.';
  }
  yield* problemsInChecks(configuration);
}

const CHECK_FIELDS = ['model', 'shareOfQuestions', 'largestWrongShare'];

function* problemsInChecks({ caching, models }: Configuration): Generator<string> {
  const { checks } = caching.semantic;
  const unknown = Object.keys(checks ?? {}).filter((field) => !CHECK_FIELDS.includes(field));
  if (unknown.length > 0) {
    yield `caching.semantic.checks has ${unknown.join(', ')}; it may have ${CHECK_FIELDS.join(', ')}.`;
  }
  if (checks && !Object.hasOwn(models, checks.model)) {
    yield `caching.semantic.checks names ${checks.model}, which is not in models.`;
  }
  if (checks && !isShare(checks.shareOfQuestions)) {
    yield 'caching.semantic.checks.shareOfQuestions must be above 0, and at most 1.';
  }
  const stated = caching.rules.map(({ name, largestWrongShare }) => ({ name: `Rule ${name}`, largestWrongShare }));
  for (const { name, largestWrongShare } of [{ name: 'caching.semantic.checks', ...checks }, ...stated]) {
    if (largestWrongShare === undefined) continue;
    if (!isShare(largestWrongShare)) yield `${name} must have a largestWrongShare above 0, and at most 1.`;
    if (!checks) yield `${name} states a largestWrongShare, which only caching.semantic.checks can keep.`;
  }
}

function isShare(value: number): boolean {
  return value > 0 && value <= 1;
}
