import * as tf from "@tensorflow/tfjs-core";
import { registerGradient, type Tensor, type TensorInfo } from "@tensorflow/tfjs-core";
import type { SimdBackend } from "../backend.js";
import { Task } from "../tasks.js";
import type { Reserve } from "../tensor-data.js";
import { defineKernel, type Inputs, product, required } from "./define.js";

/** Attributes of the kernel `SeqloomAttention`. */
interface AttentionAttributes {
  readonly heads: number;
  /** Multiplies the scores. */
  readonly scale: number;
  /** Query i sees the keys 0 to i. */
  readonly causal: boolean;
  /** Keep what the gradient needs. */
  readonly keep: boolean;
}

/** What the gradient of one call needs: probabilities and factors of dropout, [batch, heads, queries, keys]. */
interface AttentionReserve extends Reserve {
  readonly probabilities: number;
  readonly dropout: number;
}

interface Sizes {
  readonly batch: number;
  readonly queries: number;
  readonly keys: number;
  /** Of one head. */
  readonly width: number;
  readonly valueWidth: number;
}

function sizesOf(query: TensorInfo, value: TensorInfo, heads: number): Sizes {
  const [batch = 0, queries = 0, widths = 0] = query.shape;
  const [, keys = 0, valueWidths = 0] = value.shape;
  return { batch, queries, keys, width: widths / heads, valueWidth: valueWidths / heads };
}

/** Runs a task of attention over all pairs of a row and a head. */
function runPairs(
  backend: SimdBackend,
  task: number,
  pointers: readonly number[],
  results: readonly number[],
  sizes: Sizes,
  { heads, scale, causal }: AttentionAttributes,
): void {
  const { runtime } = backend;
  const { batch, queries, keys, width, valueWidth } = sizes;
  const chunks = runtime.kernels.attentionChunks(batch * heads);
  const bytes = runtime.kernels.attentionScratchBytes(queries, keys, width, valueWidth) >>> 0;
  const work = batch * heads * queries * keys * (width + valueWidth + 20) * (task === Task.attention ? 1 : 2);
  runtime.withThreadScratch(bytes, (scratch) => {
    const numbers = [batch, heads, queries, keys, width, valueWidth, causal ? 1 : 0, chunks, scratch, bytes];
    runtime.run(task, chunks, work, [...pointers, ...numbers, ...results], [scale]);
  });
}

function forward(backend: SimdBackend, inputs: Inputs, attributes: AttentionAttributes): TensorInfo[] {
  const { runtime } = backend;
  const [query, key, value] = ["query", "key", "value"].map((name) => required(inputs, name)) as [
    TensorInfo,
    TensorInfo,
    TensorInfo,
  ];
  const { heads, keep } = attributes;
  const sizes = sizesOf(query, value, heads);
  const { batch, queries, keys, valueWidth } = sizes;
  const pointers = [query, key, value].map((info) => backend.pointer(info));
  const mask = backend.pointerOrNone(inputs.mask);
  const given = backend.pointerOrNone(inputs.dropout);
  const out = backend.output([batch, queries, heads * valueWidth]);
  const bytes = batch * heads * queries * keys * 4;
  const probabilities = keep ? backend.block(bytes) : 0;
  const dropout = keep && given !== 0 ? backend.block(bytes) : 0;
  if (dropout !== 0) runtime.bytes.copyWithin(dropout, given, given + bytes);
  runPairs(backend, Task.attention, [...pointers, mask, given, probabilities], [out.pointer], sizes, attributes);
  if (!keep) return [out.info];
  const reserve: AttentionReserve = { blocks: [probabilities, dropout], probabilities, dropout };
  return [out.info, backend.handle(reserve)];
}

/** Gradients by query, key and value. */
function backward(backend: SimdBackend, inputs: Inputs, attributes: AttentionAttributes): TensorInfo[] {
  const infos = ["query", "key", "value"].map((name) => required(inputs, name));
  const [query, , value] = infos as [TensorInfo, TensorInfo, TensorInfo];
  const reserve = backend.values(required(inputs, "handle")).reserve as AttentionReserve | undefined;
  if (reserve === undefined) throw new TypeError("The gradient of attention needs what its forward pass kept");
  const pointers = infos.map((info) => backend.pointer(info));
  const dOut = backend.pointer(required(inputs, "dy"));
  const results = infos.map((info) => backend.output(info.shape));
  runPairs(
    backend,
    Task.attentionGradient,
    [...pointers, 0, reserve.dropout, reserve.probabilities],
    [dOut, ...results.map((result) => result.pointer)],
    sizesOf(query, value, attributes.heads),
    attributes,
  );
  return results.map((result) => result.info);
}

/** Softmax over the last axis of the entries that a mask [first axis, last axis] counts. */
function maskedSoftmax(backend: SimdBackend, inputs: Inputs): TensorInfo {
  const logits = required(inputs, "logits");
  const count = logits.shape.at(-1) ?? 1;
  const rows = product(logits.shape.slice(0, -1));
  const pointers = [backend.pointer(logits), backend.pointerOrNone(inputs.mask)] as const;
  const { info, pointer } = backend.output(logits.shape);
  const rowsOfMask = rows / Math.max(1, logits.shape[0] as number);
  const task = [pointers[0], pointer, rows, count, pointers[1], Math.max(1, rowsOfMask)];
  backend.runtime.run(Task.maskedSoftmax, Math.ceil(rows / 32), rows * count * 20, task, [1]);
  return info;
}

function maskedSoftmaxGradient(backend: SimdBackend, inputs: Inputs): TensorInfo {
  const y = required(inputs, "y");
  const count = y.shape.at(-1) ?? 1;
  const rows = product(y.shape.slice(0, -1));
  const pointers = [backend.pointer(y), backend.pointer(required(inputs, "dy"))];
  const { info, pointer } = backend.output(y.shape);
  const task = [...pointers, pointer, rows, count];
  backend.runtime.run(Task.maskedSoftmaxGradient, Math.ceil(rows / 32), rows * count * 4, task, [1]);
  return info;
}

/** Registers attention and softmax under a mask, with their gradients. */
export function registerAttention(): void {
  defineKernel<AttentionAttributes>("SeqloomAttention", forward);
  defineKernel<AttentionAttributes>("SeqloomAttentionGrad", backward);
  defineKernel("SeqloomMaskedSoftmax", maskedSoftmax);
  defineKernel("SeqloomMaskedSoftmaxGrad", maskedSoftmaxGradient);
  registerGradient({
    kernelName: "SeqloomMaskedSoftmax",
    outputsToSave: [true],
    gradFunc: (dy, [y]) => ({
      logits: () => {
        if (y === undefined) throw new TypeError("Nothing was saved");
        return tf.engine().runKernel("SeqloomMaskedSoftmaxGrad", { y, dy: dy as Tensor }) as Tensor;
      },
    }),
  });
}
