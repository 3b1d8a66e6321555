import type { WithoutStore } from '../lambda/core/configuration.ts';

/** What happens while the store does not answer. Keys and budgets always fail closed: nobody is let in unchecked. */
export const withoutStore: WithoutStore = {
  // 'closed' refuses with 503; {requestsPerMinute} lets each process admit so many for each account meanwhile.
  rateLimits: 'closed',
};
