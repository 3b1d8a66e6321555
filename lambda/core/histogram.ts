/**
 * A histogram whose buckets grow by a fixed ratio, so that any number of them can be added up: the counts by bucket.
 * A percentile read off it is wrong by at most 5 %: a value lies within half a bucket of its middle, 1.1 to the power 1/2.
 */
export type Histogram = Readonly<Record<number, number>>;

const RATIO = 1.1;

/** The bucket of a value from 0 on. */
export function bucketOf(value: number): number {
  return Math.round(Math.log(Math.max(1, value)) / Math.log(RATIO));
}

/** The value below which this share (0 to 1) of all counted ones lies; undefined for an empty histogram. */
export function percentile(histogram: Histogram, share: number): number | undefined {
  const buckets = Object.entries(histogram).map(([bucket, count]) => [Number(bucket), count] as const);
  const total = buckets.reduce((sum, [, count]) => sum + count, 0);
  if (total === 0) return undefined;
  let seen = 0;
  for (const [bucket, count] of buckets.sort(([a], [b]) => a - b)) {
    seen += count;
    if (seen >= share * total) return Math.round(RATIO ** bucket);
  }
  return undefined;
}
