import { dispatch } from "../dispatch.js";
import {
  ADAM,
  byEntry,
  DESCENT,
  ENTRIES,
  MOMENTUM,
  NADAM,
  NESTEROV,
  type UpdateShader,
  updateShader,
} from "../shaders/updates.js";
import { defineKernel, product, required } from "./define.js";

type Numbers = Readonly<Record<string, number | boolean>>;

function defineUpdate(kernelName: string, shaderOf: (inputs: object, attributes: Numbers) => UpdateShader): void {
  defineKernel<Numbers>(kernelName, (backend, inputs, attributes) => {
    const gradient = required(inputs, "gradient");
    const update = shaderOf(inputs, attributes);
    const changed = update.changed.map((name) => {
      const info = required(inputs, name);
      if (backend.refCount(info.dataId) === 1) return info;
      throw new Error(`The values of ${name} are shared and cannot be changed in place`);
    });
    const size = product(gradient.shape);
    dispatch(backend, {
      shader: updateShader(`${kernelName} ${update.changed.length} ${attributes.nesterov ?? ""}`, update),
      inputs: [gradient],
      outputs: changed,
      uniforms: [size, ...update.numbers.map((name) => ({ float: attributes[name] as number }))],
      workgroups: Math.ceil(size / ENTRIES),
    });
    return [];
  });
}

/** Registers updates of weights in place; the kernels return no tensors. */
export function registerOptimizers(): void {
  const copy = byEntry("copy", ["x"], ["y"], [], "y[i] = x[i];");
  /** A copy with values of its own. */
  defineKernel("SeqloomCopy", (backend, inputs) => {
    const x = required(inputs, "x");
    const y = backend.makeTensorInfo(x.shape, "float32");
    const size = product(x.shape);
    dispatch(backend, {
      shader: copy,
      inputs: [x],
      outputs: [y],
      uniforms: [size],
      workgroups: Math.ceil(size / ENTRIES),
    });
    return y;
  });
  defineUpdate("SeqloomAdam", () => ADAM);
  defineUpdate("SeqloomNadam", () => NADAM);
  defineUpdate("SeqloomSgd", (inputs, { nesterov }) =>
    "velocity" in inputs && inputs.velocity !== undefined ? (nesterov ? NESTEROV : MOMENTUM) : DESCENT,
  );
}
