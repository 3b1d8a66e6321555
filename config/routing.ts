import type { Routing } from '../lambda/core/routing/policy.ts';

/**
 * How `auto` chooses among the models of config/qualities.ts. A policy may also have one `model`, a `split` and a `shadow`:
 * docs/routing.md.
 */
export const routing: Routing = {
  policies: {
    cheapest: { tolerance: 0.2, prefer: 'price' },
    balanced: { tolerance: 0.05, prefer: 'price' },
    best: { tolerance: 0, prefer: 'quality' },
    fastest: { tolerance: 0.1, prefer: 'speed' },
  },
  defaultPolicy: 'balanced',
  aliases: {
    'auto:cheapest': 'cheapest',
    'auto:balanced': 'balanced',
    'auto:best': 'best',
    'auto:fastest': 'fastest',
  },
};
