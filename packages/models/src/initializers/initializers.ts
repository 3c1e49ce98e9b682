import type { Random } from "@seqloom/core";
import { z } from "zod";
import { type Choice, choice, chosen } from "../params/choice.js";
import { orthogonal } from "./orthogonal.js";

/** Makes the first values of a weight. */
export type Initializer = (shape: readonly number[], random: Random) => Float32Array;

const none = z.strictObject({});

const options = {
  glorot_uniform: none,
  glorot_normal: none,
  he_uniform: none,
  he_normal: none,
  uniform: z.strictObject({
    min: z.number().default(-0.05).describe("Smallest value"),
    max: z.number().default(0.05).describe("Bound above all values"),
  }),
  normal: z.strictObject({
    mean: z.number().default(0).describe("Mean"),
    stddev: z.number().positive().default(0.05).describe("Standard deviation"),
  }),
  orthogonal: z.strictObject({ gain: z.number().default(1).describe("Factor of the orthogonal matrix") }),
  zeros: none,
  ones: none,
};

/** How weights begin: a name of Keras', such as `glorot_uniform`, or `{uniform: {min: -0.1, max: 0.1}}`. */
export const initializerSchema = choice("initializer", options);

/** A parsed {@link initializerSchema}. */
export type InitializerParams = Choice<typeof options>;

/** The initializer that these parameters ask for, with Keras' definitions of each. */
export function initializerOf(params: InitializerParams): Initializer {
  const [name, values] = chosen(params);
  switch (name as keyof typeof options) {
    // Glorot and Bengio 2010: variance 2 / (in + out).
    case "glorot_uniform":
      return scaledUniform(({ fanIn, fanOut }) => 6 / (fanIn + fanOut));
    case "glorot_normal":
      return scaledNormal(({ fanIn, fanOut }) => 2 / (fanIn + fanOut));
    // He and others 2015: variance 2 / in.
    case "he_uniform":
      return scaledUniform(({ fanIn }) => 6 / fanIn);
    case "he_normal":
      return scaledNormal(({ fanIn }) => 2 / fanIn);
    case "uniform": {
      const { min, max } = values as z.output<typeof options.uniform>;
      return (shape, random) => fill(shape, () => min + (max - min) * random.uniform());
    }
    case "normal": {
      const { mean, stddev } = values as z.output<typeof options.normal>;
      return (shape, random) => fill(shape, () => mean + stddev * random.normal());
    }
    case "orthogonal": {
      const { gain } = values as z.output<typeof options.orthogonal>;
      return (shape, random) => orthogonal(shape, random, gain);
    }
    case "zeros":
      return (shape) => fill(shape, () => 0);
    case "ones":
      return (shape) => fill(shape, () => 1);
  }
}

interface Fans {
  readonly fanIn: number;
  readonly fanOut: number;
}

function scaledUniform(squaredLimit: (fans: Fans) => number): Initializer {
  return (shape, random) => {
    const limit = Math.sqrt(squaredLimit(fansOf(shape)));
    return fill(shape, () => limit * (2 * random.uniform() - 1));
  };
}

/** Standard deviation of a standard normal number that is drawn again until it lies within two of its own. */
const TRUNCATED_DEVIATION = 0.8796256610342398;

function scaledNormal(variance: (fans: Fans) => number): Initializer {
  return (shape, random) => {
    const deviation = Math.sqrt(variance(fansOf(shape))) / TRUNCATED_DEVIATION;
    return fill(shape, () => deviation * truncatedNormal(random));
  };
}

function truncatedNormal(random: Random): number {
  for (;;) {
    const value = random.normal();
    if (value > -2 && value < 2) return value;
  }
}

/** Numbers of inputs and outputs of a weight, as Keras counts them. */
function fansOf(shape: readonly number[]): Fans {
  if (shape.length < 2) return { fanIn: shape[0] ?? 1, fanOut: shape[0] ?? 1 };
  const field = shape.slice(0, -2).reduce((product, size) => product * size, 1);
  return { fanIn: shape[shape.length - 2] * field, fanOut: shape[shape.length - 1] * field };
}

function fill(shape: readonly number[], next: () => number): Float32Array {
  const size = shape.reduce((product, length) => product * length, 1);
  const values = new Float32Array(size);
  for (let i = 0; i < size; i++) values[i] = next();
  return values;
}
