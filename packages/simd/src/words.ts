/** @file Training of word vectors on the threads of this package; nothing here needs TensorFlow.js. */
import { Runtime, threadCount } from "./runtime.js";
import { Task } from "./tasks.js";

/** Words as ids of a vocabulary, and how vectors are to be learned from them. */
export interface WordCorpus {
  readonly ids: Int32Array;
  /** Where texts begin and end: text t holds `offsets[t] … offsets[t + 1]`. Windows do not reach over. */
  readonly offsets: Int32Array;
  /** How often each word of the vocabulary occurs. */
  readonly counts: ArrayLike<number>;
}

export interface WordTraining {
  /** Whether the mean of a window tells its middle (CBOW), or each of its words alone (skip-gram). */
  readonly bag: boolean;
  readonly dimensions: number;
  /** Words to each side, at most 64. */
  readonly window: number;
  readonly negatives: number;
  readonly epochs: number;
  /** Of the first words and of the last: it falls in between along a line. */
  readonly rates: readonly [first: number, last: number];
  /** Share of all words above which a word is passed over now and then; 0: none is. */
  readonly sample: number;
  /** Parts that are trained side by side and joined again and again. The result depends on it, and never on the threads. */
  readonly replicas: number;
  /** 64 random bits. */
  readonly seed: readonly [number, number];
  /** First values of the vectors, `[words, dimensions]`. */
  readonly start: Float32Array;
}

/** Words of a replica between two times that all are joined. */
const LONGEST = 2500;
const SHORTEST = 200;
const LANES = 4;
const ROOM = 2 ** 32;

/**
 * Learns a vector for each word: `[words, dimensions]`, the input vectors. Between rounds `pause` is called with the words that are
 * done, of all epochs; it may throw.
 */
export async function trainWordVectors(
  { ids, offsets, counts }: WordCorpus,
  options: WordTraining,
  pause: (done: number) => Promise<void>,
): Promise<Float32Array> {
  const { bag, dimensions, window, negatives, epochs, rates, replicas, seed } = options;
  const size = counts.length;
  const stride = Math.ceil(dimensions / LANES) * LANES;
  const bytes = 4 * stride;
  const runtime = new Runtime(threadCount(undefined), ROOM);
  try {
    const { arena } = runtime;
    const texts = offsets.length - 1;
    const stream = arena.allocate(4 * (ids.length + texts));
    const matrices = [0, 1].map(() => arena.allocate(bytes * size * replicas));
    // With one replica there is nothing to join: it is what all have.
    const common = replicas === 1 ? matrices : [0, 1].map(() => arena.allocate(bytes * size));
    const updates = [0, 1].map(() => arena.allocate(4 * size * replicas));
    const lots = arena.allocate(8 * size);
    const each = runtime.kernels.wordScratchBytes(window, negatives, bytes);
    const scratch = arena.allocate(each * replicas);

    const { floats, integers } = runtime;
    const rows = new Float32Array(stride * size);
    for (let word = 0; word < size; word++) {
      rows.set(options.start.subarray(word * dimensions, (word + 1) * dimensions), word * stride);
    }
    for (const [which, matrix] of matrices.entries()) {
      const values = which === 0 ? rows : new Float32Array(rows.length);
      floats.set(values, common[which] >> 2);
      for (let replica = 0; replica < replicas; replica++) floats.set(values, (matrix + replica * size * bytes) >> 2);
      integers.fill(0, updates[which] >> 2, (updates[which] >> 2) + size * replicas);
    }
    floats.fill(0, scratch >> 2, (scratch + each * replicas) >> 2);
    integers.set(aliasTable(counts), lots >> 2);

    const all = ids.length * epochs;
    const period = Math.min(LONGEST, Math.max(SHORTEST, Math.round(ids.length / (8 * replicas))));
    const kept = keepChances(counts, ids.length, options.sample);
    for (let epoch = 0; epoch < epochs; epoch++) {
      const [high, low] = [mixed(seed[0] ^ Math.imul(epoch + 1, 0x9e3779b9)), mixed(seed[1] + epoch)];
      const end = writeStream(integers.subarray(stream >> 2), ids, offsets, kept, high ^ low);
      for (let first = 0; first < end; first += period * replicas) {
        const done = (epoch + first / end) * ids.length;
        await pause(Math.round(done));
        const rate = rates[0] + (rates[1] - rates[0]) * (done / all);
        runtime.run(
          Task.trainWords,
          replicas,
          Number.POSITIVE_INFINITY,
          [
            ...[Number(bag), stream, first, period, end, bytes, window, negatives],
            ...[...matrices, ...updates, lots, size, scratch, each, high, low],
          ],
          [rate],
        );
        if (replicas === 1) continue;
        const joined = [replicas, size, bytes, ...common, ...matrices, ...updates];
        runtime.run(Task.joinReplicas, runtime.kernels.joinChunks(size), size * stride, joined);
      }
    }
    await pause(all);
    const vectors = new Float32Array(size * dimensions);
    const from = runtime.floats;
    for (let word = 0; word < size; word++) {
      const at = (common[0] + word * bytes) >> 2;
      vectors.set(from.subarray(at, at + dimensions), word * dimensions);
    }
    return vectors;
  } finally {
    runtime.dispose();
  }
}

/** The words that this epoch looks at, -1 between two texts; how many places that takes. */
function writeStream(
  stream: Int32Array,
  ids: Int32Array,
  offsets: Int32Array,
  kept: Uint32Array | null,
  seed: number,
): number {
  let end = 0;
  for (let text = 0; text + 1 < offsets.length; text++) {
    for (let at = offsets[text]; at < offsets[text + 1]; at++) {
      const id = ids[at];
      if (kept === null || mixed(seed + Math.imul(at + 1, 0x9e3779b9)) <= kept[id]) stream[end++] = id;
    }
    stream[end++] = -1;
  }
  return end;
}

/** The chance to be kept, of 2^32: (√(f / s) + 1) s / f for a word of share f (word2vec.c); null where all are kept. */
function keepChances(counts: ArrayLike<number>, total: number, sample: number): Uint32Array | null {
  if (sample === 0) return null;
  const threshold = sample * total;
  return Uint32Array.from(counts, (count) => {
    const chance = count === 0 ? 1 : (Math.sqrt(count / threshold) + 1) * (threshold / count);
    return Math.min(1, chance) * 0xffff_ffff;
  });
}

/** Lots in proportion to count^(3/4), by Walker's alias method (Vose 1991): shares of 2^32, then whom the rest belongs to. */
function aliasTable(counts: ArrayLike<number>): Int32Array {
  const size = counts.length;
  // √x · √√x: square roots are the same everywhere, powers are not.
  const weights = Float64Array.from(counts, (count) => Math.sqrt(count) * Math.sqrt(Math.sqrt(count)));
  const sum = weights.reduce((all, weight) => all + weight, 0);
  const scaled = weights.map((weight) => (weight * size) / sum);
  const table = new Int32Array(2 * size);
  const shares = new Uint32Array(table.buffer, 0, size).fill(0xffff_ffff);
  for (let word = 0; word < size; word++) table[size + word] = word;
  const small: number[] = [];
  const large: number[] = [];
  for (const [word, share] of scaled.entries()) (share < 1 ? small : large).push(word);
  while (small.length > 0 && large.length > 0) {
    const less = small.pop() as number;
    const more = large.pop() as number;
    shares[less] = scaled[less] * 0xffff_ffff;
    table[size + less] = more;
    scaled[more] -= 1 - scaled[less];
    (scaled[more] < 1 ? small : large).push(more);
  }
  return table;
}

/** 32 bits that depend on all of these (the finaliser of MurmurHash3), from 0. */
function mixed(value: number): number {
  let bits = value | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
