import { Task } from "../tasks.js";
import { defineKernel, required } from "./define.js";

interface CtcAttributes {
  readonly blank: number;
  readonly zeroInfinity: boolean;
  /** Whether the gradient is wanted too. */
  readonly training: boolean;
}

/** Registers the loss of connectionist temporal classification, whose second output owns its gradient. */
export function registerCtc(): void {
  defineKernel<CtcAttributes>("SeqloomCtc", (backend, inputs, { blank, zeroInfinity, training }) => {
    const outputs = required(inputs, "outputs");
    const [batch = 0, time = 0, classes = 0] = outputs.shape;
    const labels = required(inputs, "labels");
    const most = labels.shape[1] ?? 0;
    const pointers = [outputs, labels, required(inputs, "labelLengths"), required(inputs, "inputLengths")].map(
      (input) => backend.pointer(input),
    );
    const { info, pointer } = backend.output([batch]);
    const kept = training ? backend.block(batch * time * classes * 4) : 0;
    const perRow = backend.runtime.kernels.ctcScratchBytes(time, classes, most);
    backend.runtime.withScratch(batch * perRow, (scratch) => {
      const sizes = [time, classes, most, blank, zeroInfinity ? 1 : 0];
      const work = batch * time * (most * 200 + classes * 20);
      backend.runtime.run(Task.ctc, batch, work, [...pointers, scratch, kept, pointer, ...sizes]);
    });
    return [info, backend.handle({ blocks: kept === 0 ? [] : [kept] })];
  });
}
