import { Cast, getKernel, registerKernel, type TensorInfo, unregisterKernel } from "@tensorflow/tfjs-core";
import type { GpuBackend } from "../backend.js";

/**
 * Casts of integers to numbers that convert. TensorFlow.js only relabels them, and shaders that copy such a tensor then do not compile
 * (https://github.com/tensorflow/tfjs/issues/8638): masks of sequences take that way.
 */
export function patchCast(): void {
  const original = getKernel(Cast, "webgpu");
  const multiply = getKernel("Multiply", "webgpu");
  if (original === undefined || multiply === undefined) throw new TypeError("The kernels of webgpu are not registered");
  unregisterKernel(Cast, "webgpu");
  registerKernel({
    ...original,
    kernelFunc: (call) => {
      const { x } = call.inputs as { x: TensorInfo };
      const { dtype } = call.attrs as { dtype?: string };
      const backend = call.backend as GpuBackend;
      const held = backend.tensorMap.get(x.dataId);
      if (dtype !== "float32" || (held.dtype !== "int32" && held.dtype !== "bool")) return original.kernelFunc(call);
      if (held.resource == null && held.values != null) {
        return backend.makeTensorInfo(x.shape, "float32", Float32Array.from(held.values as ArrayLike<number>));
      }
      const one = backend.makeTensorInfo([], "float32", new Float32Array([1]));
      // Multiply takes its output's type from the first input, and converts each operand.
      const result = multiply.kernelFunc({ inputs: { a: one, b: x }, backend, attrs: {} }) as TensorInfo;
      backend.disposeData(one.dataId);
      return result;
    },
  });
}
