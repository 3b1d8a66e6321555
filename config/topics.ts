import type { Topic } from '../lambda/core/routing/topic.ts';

/**
 * Subjects that models of their own are for, by name. The models are tried in this order, then the general choice is made.
 * A model that is not among `models` is passed over: `crowelogic/mini` is a team's own, which docs/routing.md shows how to
 * add. The words are loaded when something is routed, so that no cold start carries them.
 */
export const topics: Readonly<Record<string, Topic>> = {
  'plant cultivation': {
    models: ['crowelogic/mini'],
    words: async () => (await import('./topics/plant-cultivation.ts')).words,
  },
};
