import { type GruInputs, gru, type RecurrentOutputs, simpleRnn } from "@seqloom/models/ops";
import * as tf from "@tensorflow/tfjs-core";
import { randomFloats, randomTensor } from "../../simd/support.js";

/** A GRU or a simple recurrent layer to try, as sizes and switches. */
export interface RecurrentCase {
  readonly cell: "gru" | "simpleRnn";
  readonly batch: number;
  readonly time: number;
  readonly inputs: number;
  readonly units: number;
  readonly mask?: boolean;
  readonly initial?: boolean;
  readonly dropout?: boolean;
  readonly noBias?: boolean;
  readonly options?: Pick<
    GruInputs,
    "activation" | "recurrentActivation" | "returnSequences" | "goBackwards" | "resetAfter"
  >;
}

/** Zeros and twos, as dropout of one half has them. */
function dropoutMask(shape: [number, number], seed: number): tf.Tensor2D {
  return tf.tensor2d(
    randomFloats(shape[0] * shape[1], seed).map((value) => (value > 0 ? 2 : 0)),
    shape,
  );
}

/** The differentiable inputs of a case, all from fixed numbers; small ones where nothing bounds the states. */
export function recurrentParameters(c: RecurrentCase): tf.Tensor[] {
  const columns = (c.cell === "gru" ? 3 : 1) * c.units;
  const shapes: number[][] = [
    [c.batch, c.time, c.inputs],
    [c.inputs, columns],
    [c.units, columns],
  ];
  if (!c.noBias) shapes.push(c.cell === "gru" && c.options?.resetAfter !== false ? [2, columns] : [columns]);
  if (c.initial) shapes.push([c.batch, c.units]);
  const scale = ["tanh", "sigmoid"].includes(c.options?.activation ?? "tanh") ? 0.8 : 0.2;
  return shapes.map((shape, i) => tf.mul(randomTensor(shape, i + 1), i === 2 ? 0.3 * scale : scale));
}

/** Runs a case on its parameters. */
export function runRecurrent(c: RecurrentCase, parameters: readonly tf.Tensor[]): RecurrentOutputs {
  const rest = [...parameters];
  const [x, kernel, recurrentKernel] = rest.splice(0, 3) as [tf.Tensor3D, tf.Tensor2D, tf.Tensor2D];
  const bias = c.noBias ? undefined : rest.shift();
  const steps = randomFloats(c.batch * c.time, 11).map((value) => (value > -0.4 ? 1 : 0));
  const { recurrentActivation, resetAfter, ...options } = c.options ?? {};
  const common = {
    x,
    kernel,
    recurrentKernel,
    initialH: rest[0] as tf.Tensor2D | undefined,
    mask: c.mask ? tf.tensor2d(steps, [c.batch, c.time], "int32") : undefined,
    inputMask: c.dropout ? dropoutMask([c.batch, c.inputs], 12) : undefined,
    recurrentMask: c.dropout ? dropoutMask([c.batch, c.units], 13) : undefined,
    ...options,
  };
  if (c.cell === "simpleRnn") return simpleRnn({ ...common, bias: bias as tf.Tensor1D | undefined });
  return gru({
    ...common,
    bias,
    ...(recurrentActivation && { recurrentActivation }),
    ...(resetAfter !== undefined && { resetAfter }),
  });
}

/** A scalar that depends on every output of a case with weights of its own. */
export function recurrentLoss(c: RecurrentCase, parameters: readonly tf.Tensor[]): tf.Scalar {
  const { output, h } = runRecurrent(c, parameters);
  return tf.add(tf.sum(tf.mul(output, randomTensor(output.shape, 14))), tf.sum(tf.square(h)));
}

/** Outputs, loss and all gradients of a case. */
export function everythingRecurrent(c: RecurrentCase): tf.Tensor[] {
  const parameters = recurrentParameters(c);
  const { output, h } = runRecurrent(c, parameters);
  const { value, grads } = tf.valueAndGrads((...given) => recurrentLoss(c, given))(parameters);
  return [output, h, value, ...grads];
}

/** Bits of all results of a case. */
export function bitsOf(c: RecurrentCase): number[][] {
  return tf.tidy(() => everythingRecurrent(c).map((t) => Array.from(new Uint32Array(t.dataSync().slice().buffer))));
}

/** Largest relative difference of the gradients of a case on the active backend from finite differences. */
export function slopeError(c: RecurrentCase): number {
  const parameters = recurrentParameters(c);
  const gradients = tf.grads((...given) => recurrentLoss(c, given))(parameters);
  let largest = 0;
  for (const [i, parameter] of parameters.entries()) {
    const values = Array.from(parameter.dataSync());
    const gradient = gradients[i]?.dataSync() as Float32Array;
    for (let at = 0; at < values.length; at += Math.max(1, Math.floor(values.length / 7))) {
      const step = 1 / 128;
      const [above, below] = [step, -step].map((shift) =>
        tf.tidy(() => {
          const moved = tf.tensor(
            values.map((value, j) => (j === at ? value + shift : value)),
            parameter.shape,
          );
          const given = parameters.map((other, j) => (j === i ? moved : other));
          return recurrentLoss(c, given).dataSync()[0] as number;
        }),
      ) as [number, number];
      const slope = (above - below) / (2 * step);
      largest = Math.max(largest, Math.abs(slope - (gradient[at] as number)) / (1 + Math.abs(slope)));
    }
  }
  tf.dispose([...parameters, ...gradients]);
  return largest;
}
