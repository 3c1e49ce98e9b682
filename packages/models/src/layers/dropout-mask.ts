import { Random, type Seed } from "@seqloom/core";
import type { Tensor } from "@tensorflow/tfjs-core";
import type { TensorFlow } from "../device.js";

/**
 * The factors of dropout: 0 with probability `rate`, else 1 / (1 - rate), so that sums keep their expectation (inverted
 * dropout, as in Keras). Two words of the stream are the key of the mask's own stream, of which 16 bits decide on each number:
 * no rate is off by more than 1/131072.
 */
export function dropoutMask(tf: TensorFlow, shape: readonly number[], rate: number, random: Random): Tensor {
  const key = [random.uint32(), random.uint32()];
  const threshold = Math.round(rate * 0x1_0000);
  const scale = 1 / (1 - rate);
  if (tf.getKernel("SeqloomDropoutMask", tf.getBackend()) === undefined) {
    return tf.tensor(factors(shape, threshold, scale, key), [...shape], "float32");
  }
  return tf.engine().runKernel("SeqloomDropoutMask", {}, { shape: [...shape], threshold, scale, key }) as Tensor;
}

/** The same numbers as the kernel's, for devices that do not have it. */
function factors(shape: readonly number[], threshold: number, scale: number, key: readonly number[]): Float32Array {
  const random = new Random(key.map((word) => word.toString(16).padStart(8, "0")).join("") as Seed);
  const values = new Float32Array(shape.reduce((product, size) => product * size, 1));
  for (let i = 0; i < values.length; i += 2) {
    const word = random.uint32();
    values[i] = (word & 0xffff) >= threshold ? scale : 0;
    if (i + 1 < values.length) values[i + 1] = word >>> 16 >= threshold ? scale : 0;
  }
  return values;
}

/** The stream of a step of training. */
export function requireRandom(random: Random | null): Random {
  if (random === null) throw new Error("a layer with dropout needs a random stream while it trains");
  return random;
}
