import type { LstmInputs } from "@seqloom/models/ops";
import { lstm } from "@seqloom/models/ops";
import * as tf from "@tensorflow/tfjs-core";
import { randomFloats, randomTensor } from "../../simd/support.js";

/** An LSTM to try, as sizes and switches. */
export interface LstmCase {
  readonly batch: number;
  readonly time: number;
  readonly inputs: number;
  readonly units: number;
  readonly mask?: boolean;
  readonly initial?: boolean;
  readonly dropout?: boolean;
  readonly noBias?: boolean;
  readonly options?: Pick<LstmInputs, "activation" | "recurrentActivation" | "returnSequences" | "goBackwards">;
}

/** Zeros and twos, as dropout of one half has them. */
function dropoutMask(shape: [number, number], seed: number): tf.Tensor2D {
  return tf.tensor2d(
    randomFloats(shape[0] * shape[1], seed).map((value) => (value > 0 ? 2 : 0)),
    shape,
  );
}

/** The differentiable inputs of a case, all from fixed numbers; small ones where nothing bounds the cells. */
export function parametersOf(c: LstmCase): tf.Tensor[] {
  const shapes: number[][] = [
    [c.batch, c.time, c.inputs],
    [c.inputs, 4 * c.units],
    [c.units, 4 * c.units],
  ];
  if (!c.noBias) shapes.push([4 * c.units]);
  if (c.initial) shapes.push([c.batch, c.units], [c.batch, c.units]);
  const scale = (c.options?.activation ?? "tanh") === "tanh" ? 0.8 : 0.2;
  return shapes.map((shape, i) => tf.mul(randomTensor(shape, i + 1), i === 2 ? 0.3 * scale : scale));
}

/** Runs a case on its parameters. */
export function runCase(c: LstmCase, parameters: readonly tf.Tensor[]): ReturnType<typeof lstm> {
  const rest = [...parameters];
  const [x, kernel, recurrentKernel] = rest.splice(0, 3) as [tf.Tensor3D, tf.Tensor2D, tf.Tensor2D];
  const bias = c.noBias ? undefined : (rest.shift() as tf.Tensor1D);
  const [initialH, initialC] = c.initial ? (rest as [tf.Tensor2D, tf.Tensor2D]) : [];
  const steps = randomFloats(c.batch * c.time, 11).map((value) => (value > -0.4 ? 1 : 0));
  return lstm({
    x,
    kernel,
    recurrentKernel,
    bias,
    initialH,
    initialC,
    mask: c.mask ? tf.tensor2d(steps, [c.batch, c.time], "int32") : undefined,
    inputMask: c.dropout ? dropoutMask([c.batch, c.inputs], 12) : undefined,
    recurrentMask: c.dropout ? dropoutMask([c.batch, c.units], 13) : undefined,
    ...c.options,
  });
}

/** A scalar that depends on every output of a case with weights of its own. */
export function lossOf(c: LstmCase, parameters: readonly tf.Tensor[]): tf.Scalar {
  const { output, h, c: cell } = runCase(c, parameters);
  const weighted = tf.sum(tf.mul(output, randomTensor(output.shape, 14)));
  return tf.add(weighted, tf.add(tf.sum(tf.square(h)), tf.sum(tf.mul(cell, 0.3))));
}

/** Outputs, loss and all gradients of a case. */
export function everythingOf(c: LstmCase): tf.Tensor[] {
  const parameters = parametersOf(c);
  const { output, h, c: cell } = runCase(c, parameters);
  const { value, grads } = tf.valueAndGrads((...given) => lossOf(c, given))(parameters);
  return [output, h, cell, value, ...grads];
}
