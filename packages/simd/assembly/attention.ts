// Scaled dot-product attention (Vaswani et al. 2017, section 3.2) of many heads, forward and backward.
//
// Heads lie beside one another in a row, [batch, time, heads * width], as the projections before them give them: nothing is
// transposed. A pair of a row of the batch and a head is worked out in blocks of QUERIES queries against all keys. Pairs are dealt
// into a fixed number of chunks; each thread has a scratch of its own.
// Arguments: 0 q, 1 k, 2 v, 3 mask [batch, keys] (bytes) or 0, 4 factors of dropout [batch, heads, queries, keys] or 0,
// 5 probabilities [batch, heads, queries, keys] or 0, 6 batch, 7 heads, 8 queries, 9 keys, 10 width of q and k, 11 width of v,
// 12: 1 if causal, 13 chunks, 14 scratch of the first thread, 15 bytes of scratch of a thread, 16 out; of the gradient 16 dOut, 17 dq, 18 dk, 19 dv.
// Numbers: 0 scale.
import { softmaxRow, softmaxRowGradient } from "./attention-softmax";
import { integer, number, pointer } from "./args";
import { packedBytes, packLines } from "./gemm-pack";
import { multiplyPacked } from "./gemm-tiles";
import { thread } from "./thread";

const QUERIES: i32 = 64;

/** Bytes of scratch that a thread needs: what lies where is at the head of the two kernels. */
export function attentionScratchBytes(queries: i32, keys: i32, width: i32, valueWidth: i32): usize {
  const rows = min(QUERIES, queries);
  const block = <usize>(rows * keys) << 2;
  const forward = packedBytes(keys, width, 8) + packedBytes(valueWidth, keys, 8);
  const backward = packedBytes(width, keys, 8) + packedBytes(keys, valueWidth, 8) + packedBytes(width, rows, 8) + packedBytes(valueWidth, rows, 8);
  return ((max(forward, backward) + leftBytes(rows, keys, width, valueWidth) + 2 * block) + 127) & ~127;
}

/** Room for any left operand of a block: queries by width, by value width or by keys, and keys by queries. */
function leftBytes(rows: i32, keys: i32, width: i32, valueWidth: i32): usize {
  return max(packedBytes(rows, max(max(width, valueWidth), keys), 4), packedBytes(keys, rows, 4));
}

/** Chunks that so many pairs of a row and a head are dealt into. */
export function attentionChunks(pairs: i32): i32 {
  return pairs < 32 ? pairs : 32;
}

// @ts-ignore: decorator
@inline
function multiplyInto(to: usize, a: usize, b: usize, count: i32): void {
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    const at = <usize>i << 2;
    v128.store(to + at, f32x4.mul(v128.load(a + at), v128.load(b + at)));
  }
  for (; i < count; i++) {
    const at = <usize>i << 2;
    store<f32>(to + at, load<f32>(a + at) * load<f32>(b + at));
  }
}

/** One chunk of pairs: out = dropout(softmax(scale q k^T)) v. */
export function attention(chunk: i32): void {
  const heads = integer(7), queries = integer(8), keys = integer(9), width = integer(10), valueWidth = integer(11);
  const causal = integer(12) != 0, chunks = integer(13), pairs = integer(6) * heads;
  const rowBytes = <usize>(heads * width) << 2, valueBytes = <usize>(heads * valueWidth) << 2, scoreBytes = <usize>keys << 2;
  const packedK = pointer(14) + <usize>thread() * pointer(15);
  const packedV = packedK + packedBytes(keys, width, 8);
  const left = packedV + packedBytes(valueWidth, keys, 8);
  const block = left + leftBytes(min(QUERIES, queries), keys, width, valueWidth);
  const dropped = block + <usize>min(QUERIES, queries) * scoreBytes;
  for (let pair = chunk; pair < pairs; pair += chunks) {
    const row = pair / heads, head = pair % heads;
    const q = pointer(0) + <usize>row * <usize>queries * rowBytes + (<usize>(head * width) << 2);
    const k = pointer(1) + <usize>row * <usize>keys * rowBytes + (<usize>(head * width) << 2);
    const v = pointer(2) + <usize>row * <usize>keys * valueBytes + (<usize>(head * valueWidth) << 2);
    const out = pointer(16) + <usize>row * <usize>queries * valueBytes + (<usize>(head * valueWidth) << 2);
    const mask = pointer(3) == 0 ? <usize>0 : pointer(3) + <usize>row * <usize>keys;
    const own = <usize>pair * <usize>queries * scoreBytes;
    packLines(k, packedK, keys, width, rowBytes, 4, 8);
    // Causal blocks read the first values alone, so each block packs those that it reaches.
    if (!causal) packLines(v, packedV, valueWidth, keys, 4, valueBytes, 8);
    for (let first = 0; first < queries; first += QUERIES) {
      const count = min(QUERIES, queries - first);
      const reach = causal ? min(keys, first + count) : keys;
      const at = own + <usize>first * scoreBytes;
      const scores = pointer(5) == 0 ? block : pointer(5) + at;
      packLines(q + <usize>first * rowBytes, left, count, width, rowBytes, 4, 4);
      multiplyPacked(left, packedK, scores, scoreBytes, count, reach, width, true);
      for (let i = 0; i < count; i++) {
        const seen = causal ? min(keys, first + i + 1) : keys;
        softmaxRow(scores + <usize>i * scoreBytes, keys, seen, mask, number(0));
      }
      let weights = scores;
      if (pointer(4) != 0) {
        weights = dropped;
        multiplyInto(dropped, scores, pointer(4) + at, count * keys);
      }
      if (causal) packLines(v, packedV, valueWidth, reach, 4, valueBytes, 8);
      packLines(weights, left, count, reach, scoreBytes, 4, 4);
      multiplyPacked(left, packedV, out + <usize>first * valueBytes, valueBytes, count, valueWidth, reach, true);
    }
  }
}

/** One chunk of pairs of the gradient. */
export function attentionGradient(chunk: i32): void {
  const heads = integer(7), queries = integer(8), keys = integer(9), width = integer(10), valueWidth = integer(11);
  const causal = integer(12) != 0, chunks = integer(13), pairs = integer(6) * heads;
  const rowBytes = <usize>(heads * width) << 2, valueBytes = <usize>(heads * valueWidth) << 2, scoreBytes = <usize>keys << 2;
  const most = min(QUERIES, queries);
  const packedK = pointer(14) + <usize>thread() * pointer(15); // [keys][width]
  const packedV = packedK + packedBytes(width, keys, 8); // [valueWidth][keys]
  const packedQ = packedV + packedBytes(keys, valueWidth, 8); // [queries of the block][width]
  const packedOut = packedQ + packedBytes(width, most, 8); // [queries of the block][valueWidth]
  const left = packedOut + packedBytes(valueWidth, most, 8);
  const block = left + leftBytes(most, keys, width, valueWidth);
  const dropped = block + <usize>most * scoreBytes;
  for (let pair = chunk; pair < pairs; pair += chunks) {
    const row = pair / heads, head = pair % heads;
    const queryAt = <usize>row * <usize>queries * rowBytes + (<usize>(head * width) << 2);
    const keyAt = <usize>row * <usize>keys * rowBytes + (<usize>(head * width) << 2);
    const valueAt = <usize>row * <usize>keys * valueBytes + (<usize>(head * valueWidth) << 2);
    const outAt = <usize>row * <usize>queries * valueBytes + (<usize>(head * valueWidth) << 2);
    const own = <usize>pair * <usize>queries * scoreBytes;
    packLines(pointer(2) + valueAt, packedV, keys, valueWidth, valueBytes, 4, 8);
    if (!causal) packLines(pointer(1) + keyAt, packedK, width, keys, 4, rowBytes, 8);
    for (let first = 0; first < queries; first += QUERIES) {
      const count = min(QUERIES, queries - first);
      // A causal block does not reach all keys; the sums of those beyond begin with the first block that does.
      const reach = causal ? min(keys, first + count) : keys;
      const begun = first == 0 ? 0 : causal ? min(keys, first) : keys;
      const q = pointer(0) + queryAt + <usize>first * rowBytes, dOut = pointer(16) + outAt + <usize>first * valueBytes;
      const at = own + <usize>first * scoreBytes;
      const probabilities = pointer(5) + at;
      let weights = probabilities;
      packLines(dOut, left, count, valueWidth, valueBytes, 4, 4);
      multiplyPacked(left, packedV, block, scoreBytes, count, reach, valueWidth, true);
      if (pointer(4) != 0) {
        weights = dropped;
        multiplyInto(dropped, probabilities, pointer(4) + at, count * keys);
        for (let i = 0; i < count; i++) {
          const line = <usize>i * scoreBytes;
          multiplyInto(block + line, block + line, pointer(4) + at + line, reach);
        }
      }
      for (let i = 0; i < count; i++) {
        const line = <usize>i * scoreBytes;
        softmaxRowGradient(probabilities + line, block + line, block + line, reach, number(0));
      }
      if (causal) packLines(pointer(1) + keyAt, packedK, width, reach, 4, rowBytes, 8);
      packLines(block, left, count, reach, scoreBytes, 4, 4);
      multiplyPacked(left, packedK, pointer(17) + queryAt + <usize>first * rowBytes, rowBytes, count, width, reach, true);
      packLines(q, packedQ, width, count, 4, rowBytes, 8);
      packLines(block, left, reach, count, 4, scoreBytes, 4);
      addByKeys(left, packedQ, pointer(18) + keyAt, rowBytes, begun, reach, width, count);
      packLines(dOut, packedOut, valueWidth, count, 4, valueBytes, 8);
      packLines(weights, left, reach, count, 4, scoreBytes, 4);
      addByKeys(left, packedOut, pointer(19) + valueAt, valueBytes, begun, reach, valueWidth, count);
    }
    // Keys that no causal query reaches have no gradient.
    const reached = causal ? min(keys, queries) : queries > 0 ? keys : 0;
    for (let key = reached; key < keys; key++) {
      memory.fill(pointer(18) + keyAt + <usize>key * rowBytes, 0, <usize>width << 2);
      memory.fill(pointer(19) + valueAt + <usize>key * valueBytes, 0, <usize>valueWidth << 2);
    }
  }
}

/** The products of one block for the keys: added to those before `begun`, set for the others. `begun` is a multiple of 4, or all. */
function addByKeys(a: usize, b: usize, c: usize, cStep: usize, begun: i32, reach: i32, n: i32, k: i32): void {
  multiplyPacked(a, b, c, cStep, begun, n, k, false);
  if (begun < reach) {
    multiplyPacked(a + (<usize>begun * <usize>k << 2), b, c + <usize>begun * cStep, cStep, reach - begun, n, k, true);
  }
}
