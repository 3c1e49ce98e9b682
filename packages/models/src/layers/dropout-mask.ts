import type { Random } from "@seqloom/core";
import type { Tensor } from "@tensorflow/tfjs-core";
import type { TensorFlow } from "../device.js";

/**
 * The factors of dropout: 0 with probability `rate`, else 1 / (1 - rate), so that sums keep their expectation (inverted
 * dropout, as in Keras). 16 bits decide on each number: half the random words, and no rate is off by more than 1/131072.
 */
export function dropoutMask(tf: TensorFlow, shape: readonly number[], rate: number, random: Random): Tensor {
  const values = new Float32Array(shape.reduce((product, size) => product * size, 1));
  const threshold = Math.round(rate * 0x1_0000);
  const scale = 1 / (1 - rate);
  for (let i = 0; i < values.length; i += 2) {
    const word = random.uint32();
    values[i] = (word & 0xffff) >= threshold ? scale : 0;
    if (i + 1 < values.length) values[i + 1] = word >>> 16 >= threshold ? scale : 0;
  }
  return tf.tensor(values, [...shape], "float32");
}

/** The stream of a step of training. */
export function requireRandom(random: Random | null): Random {
  if (random === null) throw new Error("a layer with dropout needs a random stream while it trains");
  return random;
}
