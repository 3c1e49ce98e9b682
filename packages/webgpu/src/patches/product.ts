import { BatchMatMul, env, getKernel, registerKernel, type TensorInfo, unregisterKernel } from "@tensorflow/tfjs-core";

const BACKEND = "webgpu";
/** Inner size from which TensorFlow.js splits a product of few entries, and adds the parts up in whatever order they come. */
const SPLIT_FROM = 2000;
/** The kind of product that TensorFlow.js takes for few entries otherwise. */
const SMALL_OUTPUT = 2;

/**
 * Products whose sums have one order. TensorFlow.js adds the parts of long sums by atomic operations, so that the last bits of the
 * gradient of weights would differ from run to run .
 */
export function patchProduct(): void {
  for (const name of [BatchMatMul, "_FusedMatMul"]) {
    const original = getKernel(name, BACKEND);
    if (original === undefined) throw new TypeError("The kernels of webgpu are not registered");
    unregisterKernel(name, BACKEND);
    registerKernel({
      ...original,
      kernelFunc: (call) => {
        const { a } = call.inputs as { a: TensorInfo };
        const { transposeA } = call.attrs as { transposeA?: boolean };
        const inner = a.shape.at(transposeA === true ? -2 : -1) ?? 0;
        if (inner < SPLIT_FROM) return original.kernelFunc(call);
        const before = env().getNumber("WEBGPU_MATMUL_PROGRAM_TYPE");
        env().set("WEBGPU_MATMUL_PROGRAM_TYPE", SMALL_OUTPUT);
        try {
          return original.kernelFunc(call);
        } finally {
          env().set("WEBGPU_MATMUL_PROGRAM_TYPE", before);
        }
      },
    });
  }
}
