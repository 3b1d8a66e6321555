/** The largest step of four bits. */
const MOST = 7;

/** Weights beyond this share of the largest ones are rare, and cut off, so that the others keep more of their detail. */
const KEPT_RANGE = 0.9995;

/** Weights that lie by dimension, then output, two a byte; and what the unit of `unpackWeights` is worth for each output. */
export interface PackedWeights {
  bytes: Uint8Array;
  scales: number[];
}

/** Packs weights. Their steps are finer near zero, where most of them are: a step stands for its square. */
export function packWeights(weights: Float64Array, outputs: number): PackedWeights {
  const largest = Array.from({ length: outputs }, (_, output) => {
    const sizes = weights
      .filter((weight, at) => at % outputs === output && weight !== 0)
      .map(Math.abs)
      .sort();
    return sizes[Math.floor(sizes.length * KEPT_RANGE)] ?? 1;
  });
  const bytes = new Uint8Array(Math.ceil(weights.length / 2));
  for (const [at, weight] of weights.entries()) {
    const share = Math.min(1, Math.abs(weight) / (largest[at % outputs] as number));
    const step = Math.sign(weight) * Math.round(Math.sqrt(share) * MOST);
    bytes[at >> 1] = (bytes[at >> 1] as number) | ((step & 0xf) << (at % 2 === 0 ? 0 : 4));
  }
  return { bytes, scales: largest.map((size) => Number((size / MOST ** 2).toPrecision(6))) };
}

/** The weights of each output as whole numbers from -49 to 49, in units of its scale. */
export function unpackWeights(bytes: Uint8Array): Int8Array {
  const weights = new Int8Array(bytes.length * 2);
  for (const [at, byte] of bytes.entries()) {
    weights[at * 2] = squared((byte << 28) >> 28);
    weights[at * 2 + 1] = squared((byte << 24) >> 28);
  }
  return weights;
}

function squared(step: number): number {
  return step * Math.abs(step);
}
