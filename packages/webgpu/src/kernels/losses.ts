import { dispatch } from "../dispatch.js";
import { crossEntropyShader } from "../shaders/rows.js";
import { call, defineKernel, required, reshaped } from "./define.js";

interface LossAttributes {
  /** Of the outputs: the gradient's. */
  readonly shape: readonly number[];
  readonly smoothing?: number;
}

/** Registers losses fused with the last activation: their second output is a handle that owns the slope of each loss. */
export function registerLosses(): void {
  defineKernel<LossAttributes>("SeqloomSoftmaxCrossEntropy", (backend, inputs, { smoothing = 0 }) => {
    const logits = required(inputs, "outputs");
    const [rows = 0, count = 0] = logits.shape;
    const losses = backend.makeTensorInfo([rows], "float32");
    const kept = backend.makeTensorInfo([rows, count], "float32");
    const { weights } = inputs;
    dispatch(backend, {
      shader: crossEntropyShader(weights !== undefined),
      inputs: [logits, required(inputs, "targets"), ...(weights === undefined ? [] : [weights])],
      outputs: [losses, kept],
      uniforms: [rows, count, { float: smoothing }],
      workgroups: rows,
    });
    return [losses, backend.handle({ tensors: [kept] })];
  });
  defineKernel<LossAttributes>("SeqloomLossGrad", (backend, inputs, { shape }) => {
    const dy = required(inputs, "dy");
    const [kept] = backend.reserveOf(required(inputs, "handle")).tensors;
    if (kept === undefined) throw new TypeError("Nothing was kept");
    const [rows = 0] = dy.shape;
    return reshaped(call(backend, "Multiply", { a: reshaped(dy, [rows, 1]), b: kept }), shape);
  });
}
