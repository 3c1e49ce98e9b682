/**
 * The same numbers with one bit pattern for NaN. There are many, processors differ in which one they make (0/0 is a
 * negative NaN on x86 and a positive one on ARM), and equal values must have equal bytes. Copies only if it must.
 */
export function plainNaN<A extends Float32Array | Float64Array>(values: A): A {
  if (!values.some(Number.isNaN)) return values;
  const copy = values.slice() as A;
  const bits = new Uint32Array(copy.buffer, copy.byteOffset, copy.byteLength / 4);
  for (let i = 0; i < copy.length; i++) {
    if (!Number.isNaN(copy[i])) continue;
    if (copy instanceof Float32Array) {
      bits[i] = 0x7fc00000;
    } else {
      bits[2 * i + LOW] = 0;
      bits[2 * i + 1 - LOW] = 0x7ff80000;
    }
  }
  return copy;
}

/** Which of the two words of a float64 is the low one: 0 on little-endian machines. */
const LOW = new Uint32Array(new Float64Array([1]).buffer)[0] === 0 ? 0 : 1;
