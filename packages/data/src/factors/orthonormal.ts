import { type Block, dot } from "./operator.js";

/** What is left of a vector that lies in the span of those before it, as a share of its length: noise. */
const NOISE = 1e-13;

/** Q and R of A = Q R: the columns of Q are orthonormal, or zero where one of A adds nothing; R is upper triangular. */
export interface Orthonormal {
  readonly q: Block;
  /** Row j of column k is `r[k][j]`. */
  readonly r: Block;
}

/** By Gram and Schmidt, twice over: "twice is enough" (Giraud, Langou, Rozložník 2005). */
export function orthonormal(block: Block): Orthonormal {
  const q: Float64Array[] = [];
  const r: Float64Array[] = [];
  for (const given of block) {
    const own = Float64Array.from(given);
    const shares = new Float64Array(block.length);
    const length = Math.sqrt(dot(own, own));
    for (let pass = 0; pass < 2; pass++) {
      for (const [j, other] of q.entries()) {
        const share = dot(other, own);
        if (share === 0) continue;
        shares[j] += share;
        for (let i = 0; i < own.length; i++) own[i] -= share * other[i];
      }
    }
    const left = Math.sqrt(dot(own, own));
    if (left > NOISE * length) {
      shares[q.length] = left;
      for (let i = 0; i < own.length; i++) own[i] /= left;
    } else own.fill(0);
    q.push(own);
    r.push(shares);
  }
  return { q, r };
}
