import type { Caching } from '../lambda/core/cache-policy.ts';

/** Which answers are kept, and for how long. The first rule that fits decides; without one a small classifier does. */
export const caching: Caching = {
  isOn: true,
  scope: 'account',
  // Who asks for more variety than this does not want yesterday's answer.
  maximumTemperature: 1,
  rules: [
    {
      name: 'cultivation guides',
      words: ['cultivation guide', 'growing guide', 'how to grow', 'when to plant', 'planting', 'pruning', 'repotting'],
      ttl: 'week',
    },
    { name: 'weather', words: ['weather', 'forecast', 'temperature outside'], ttl: 'long' },
  ],
  // docs/semantic-cache.md has what the modes come to, and what each embedder costs.
  semantic: {
    isOn: false,
    isForAll: false,
    mode: 'default',
    embedder: { kind: 'in process' },
    index: 'scan',
    maximumEntries: 2_000,
  },
};
