import { hashSeed, Random, rootSeed } from "@seqloom/core";
import { buildNetwork, forward, initialWeights, openDevice } from "@seqloom/models";
import * as tf from "@tensorflow/tfjs-core";
import { inputOf, sizesOf } from "./data.js";
import { paramsOf, type Scenario } from "./train.js";

/** Elements of each weight whose derivative is taken one by one; beside them come derivatives along whole weights. */
const ELEMENTS = 4;
const DIRECTIONS = 2;
/**
 * Half the distance that differences are taken over; also half of that, so that curvature falls out (Richardson). The short
 * one is for functions with kinks, such as a maximum: one of those lies within the long one now and then.
 */
const STEPS = [1 / 64, 1 / 512];

type Numbers = ReadonlyMap<string, Float32Array>;

/**
 * The largest difference between the derivatives that a scenario's gradients give and those that differences of its
 * outputs give, relative to 1 and to the derivative. The function is a weighted sum of the outputs.
 */
export async function gradientError(deviceName: string, scenario: Scenario): Promise<number> {
  const device = await openDevice(deviceName);
  const { x, mask, flow } = inputOf(sizesOf(scenario.data), scenario.with?.use_mask === true);
  const network = buildNetwork(paramsOf(scenario).layers, flow);
  const random = new Random(hashSeed(rootSeed(2), "gradients"));
  // Away from the first values: a bias of zero, or a scale of one, would hide mistakes.
  const values = initialWeights(network, random);
  for (const numbers of values.values()) for (let i = 0; i < numbers.length; i++) numbers[i] += 0.1 * random.normal();
  const shapes = new Map<string, number[]>();
  for (const { name, weights } of network.layers) {
    for (const weight of weights) shapes.set(`${name}/${weight.name}`, [...weight.shape]);
  }
  const tensorsOf = (numbers: Numbers): Map<string, tf.Tensor> =>
    new Map([...numbers].map(([name, own]) => [name, tf.tensor(own, shapes.get(name)!, "float32")]));
  // As in training: dropout drops, the same numbers each time, and norms use the batch.
  const stream = random.fork("step");
  const outputOf = (weights: ReadonlyMap<string, tf.Tensor>): tf.Tensor =>
    forward(network, x, weights, { device, random: stream, mask });
  const read = async (tensor: tf.Tensor): Promise<number[]> => {
    const numbers = Array.from(await tensor.data());
    tensor.dispose();
    return numbers;
  };

  const factors = (await read(tf.tidy(() => outputOf(tensorsOf(values))))).map(() => random.normal());
  /** The function at a point; summed in 64 bits, so that only the outputs themselves are rounded. */
  const valueAt = async (numbers: Numbers): Promise<number> =>
    dot(await read(tf.tidy(() => outputOf(tensorsOf(numbers)))), factors);

  const names = network.layers.flatMap(({ name, weights }) =>
    weights.filter(({ trainable }) => trainable !== false).map((weight) => `${name}/${weight.name}`),
  );
  const taken = tf.tidy(() => {
    const fixed = tensorsOf(values);
    const sum = (...given: tf.Tensor[]): tf.Tensor => {
      const output = outputOf(new Map([...fixed, ...names.map((name, i) => [name, given[i]] as const)]));
      return tf.sum(tf.mul(output, tf.tensor(factors, output.shape)));
    };
    return tf.grads(sum)(names.map((name) => fixed.get(name)!));
  });
  const gradients = await Promise.all(taken.map(read));

  let largest = 0;
  for (const [at, name] of names.entries()) {
    const own = values.get(name)!;
    for (const direction of directionsOf(own.length, random)) {
      const moved = (distance: number) =>
        new Map(values).set(
          name,
          own.map((value, i) => value + distance * direction[i]),
        );
      const slope = async (distance: number) =>
        ((await valueAt(moved(distance))) - (await valueAt(moved(-distance)))) / (2 * distance);
      const derivative = dot(gradients[at], direction);
      const errors = STEPS.map(async (step) => {
        const difference = (4 * (await slope(step / 2)) - (await slope(step))) / 3;
        return Math.abs(difference - derivative) / Math.max(1, Math.abs(derivative));
      });
      const error = Math.min(...(await Promise.all(errors)));
      largest = Math.max(largest, Number.isFinite(error) ? error : Number.POSITIVE_INFINITY);
    }
  }
  tf.dispose([x, ...(mask === null ? [] : [mask])]);
  return largest;
}

/** Some axes, and some directions of length 1 across all of them. */
function directionsOf(length: number, random: Random): Float32Array[] {
  const directions: Float32Array[] = [];
  for (let i = 0; i < Math.min(ELEMENTS, length); i++) {
    const axis = new Float32Array(length);
    axis[random.integer(length)] = 1;
    directions.push(axis);
  }
  for (let i = 0; i < DIRECTIONS; i++) {
    const direction = Float32Array.from({ length }, () => random.normal());
    const size = Math.sqrt(dot(direction, direction));
    directions.push(direction.map((value) => value / size));
  }
  return directions;
}

function dot(left: ArrayLike<number>, right: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < left.length; i++) sum += left[i] * right[i];
  return sum;
}
