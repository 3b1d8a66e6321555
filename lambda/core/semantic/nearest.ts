/** The entries nearest to a vector by cosine, the nearest first; all vectors have length 1 and one size. */
export function nearestOf<Entry extends { vector: Float32Array }>(
  vector: Float32Array,
  entries: Iterable<Entry>,
  count: number,
): { entry: Entry; likeness: number }[] {
  const top: { entry: Entry; likeness: number }[] = [];
  for (const entry of entries) {
    const likeness = cosine(vector, entry.vector);
    if (top.length === count && likeness <= (top[count - 1]?.likeness ?? 0)) continue;
    let place = top.length;
    while (place > 0 && (top[place - 1]?.likeness ?? 0) < likeness) place--;
    top.splice(place, 0, { entry, likeness });
    if (top.length > count) top.pop();
  }
  return top;
}

/** The cosine of two vectors of length 1. */
export function cosine(one: Float32Array, other: Float32Array): number {
  let sum = 0;
  for (let index = 0; index < one.length; index++) sum += (one[index] as number) * (other[index] as number);
  return sum;
}
