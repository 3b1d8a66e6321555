/** When a release goes back by itself: alarms on single minutes, while new versions get their first traffic. */
export const releases = {
  /** Requests that fail or break off, in percent of a minute's. A tenth of the traffic is on a canary. */
  failedPercent: 5,
  /** Fewer requests in a minute tell nothing. */
  leastRequests: 20,
};
