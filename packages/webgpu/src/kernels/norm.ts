import type { TensorInfo } from "@tensorflow/tfjs-core";
import { dispatch } from "../dispatch.js";
import { COLUMNS, NORM_PARAMETERS, normGradientShader, normShader } from "../shaders/rows.js";
import { defineKernel, product, required } from "./define.js";

/** Attributes of the kernel `SeqloomNorm`. */
interface NormAttributes {
  readonly epsilon: number;
  /** Take the mean off each row first: LayerNorm with, RMSNorm without. */
  readonly centred: boolean;
  /** Keep what the gradient needs. */
  readonly keep: boolean;
}

function sizesOf({ shape }: TensorInfo): [rows: number, width: number] {
  return [product(shape.slice(0, -1)), shape.at(-1) ?? 1];
}

/** Registers the normalisation of rows and its gradient. */
export function registerNorm(): void {
  defineKernel<NormAttributes>("SeqloomNorm", (backend, inputs, { epsilon, centred, keep }) => {
    const x = required(inputs, "x");
    const { beta } = inputs;
    const [rows, width] = sizesOf(x);
    const y = backend.makeTensorInfo(x.shape, "float32");
    const moments = keep ? backend.makeTensorInfo([rows, 2], "float32") : undefined;
    dispatch(backend, {
      shader: normShader({ centred, shifted: beta !== undefined, keep }),
      inputs: [x, required(inputs, "gamma"), ...(beta === undefined ? [] : [beta])],
      outputs: moments === undefined ? [y] : [y, moments],
      uniforms: [rows, width, { float: epsilon }],
      workgroups: rows,
    });
    return moments === undefined ? [y] : [y, backend.handle({ tensors: [moments] })];
  });
  defineKernel<NormAttributes>("SeqloomNormGrad", (backend, inputs, { centred }) => {
    const [dy, x, gamma] = [required(inputs, "dy"), required(inputs, "x"), required(inputs, "gamma")];
    const [moments] = backend.reserveOf(required(inputs, "handle")).tensors;
    if (moments === undefined) throw new TypeError("Nothing was kept");
    const [rows, width] = sizesOf(x);
    const dx = backend.makeTensorInfo(x.shape, "float32");
    const [dGamma, dBeta] = [backend.makeTensorInfo([width], "float32"), backend.makeTensorInfo([width], "float32")];
    const uniforms = [rows, width];
    const shader = normGradientShader(centred);
    dispatch(backend, { shader, inputs: [dy, x, gamma, moments], outputs: [dx], uniforms, workgroups: rows });
    const workgroups = Math.ceil(width / COLUMNS);
    dispatch(backend, {
      shader: NORM_PARAMETERS,
      inputs: [dy, x, moments],
      outputs: [dGamma, dBeta],
      uniforms,
      workgroups,
    });
    return [dx, dGamma, dBeta];
  });
}
