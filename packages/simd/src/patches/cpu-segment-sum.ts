import type { MathBackendCPU } from "@tensorflow/tfjs-backend-cpu";
import {
  getKernel,
  registerKernel,
  type TensorInfo,
  UnsortedSegmentSum,
  unregisterKernel,
} from "@tensorflow/tfjs-core";

/**
 * The sum of rows by number on the backend `cpu` in one pass. TensorFlow.js goes through all rows once for each number, which
 * takes minutes for one training step with an embedding of a few thousand words (the gradient of
 * https://github.com/tensorflow/tfjs-core/pull/1051).
 */
export function patchCpuSegmentSum(): void {
  const original = getKernel(UnsortedSegmentSum, "cpu");
  if (original === undefined) return;
  unregisterKernel(UnsortedSegmentSum, "cpu");
  registerKernel({
    ...original,
    kernelFunc: (call) => {
      const { x, segmentIds } = call.inputs as { x: TensorInfo; segmentIds: TensorInfo };
      const { numSegments } = call.attrs as unknown as { numSegments: number };
      const rows = segmentIds.shape.reduce((size, next) => size * next, 1);
      if (x.dtype !== "float32" || x.shape[0] !== rows) return original.kernelFunc(call);
      const backend = call.backend as MathBackendCPU;
      const values = backend.data.get(x.dataId).values as Float32Array;
      const ids = backend.data.get(segmentIds.dataId).values as Int32Array;
      const shape = [numSegments, ...x.shape.slice(1)];
      const width = shape.slice(1).reduce((size, next) => size * next, 1);
      const sums = new Float32Array(numSegments * width);
      for (let row = 0; row < rows; row++) {
        const id = ids[row] as number;
        if (id < 0 || id >= numSegments) continue;
        for (let i = 0; i < width; i++)
          sums[id * width + i] = (sums[id * width + i] as number) + (values[row * width + i] as number);
      }
      return backend.makeTensorInfo(shape, "float32", sums);
    },
  });
}
