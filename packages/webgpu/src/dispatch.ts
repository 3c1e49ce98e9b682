import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { GpuBackend } from "./backend.js";

/** A shader in WGSL with the entry point `main`. Its bindings are those of {@link Call}, in that order. */
export interface Shader {
  /** Tells it from all others, with every number that is written into its code. */
  readonly key: string;
  readonly code: string;
}

/** One call of a shader. */
export interface Call {
  readonly shader: Shader;
  /** Tensors that are read: the first bindings. */
  readonly inputs: readonly TensorInfo[];
  /** Tensors that are written, or changed in place: the bindings after the inputs. None may be an input. */
  readonly outputs: readonly TensorInfo[];
  /** Numbers of 32 bits that change from call to call: the last binding, a uniform buffer. */
  readonly uniforms: readonly Uniform[];
  readonly workgroups: number;
}

/** A whole number, or a float by its own name. */
export type Uniform = number | { readonly float: number };

/** What TensorFlow.js 4.22 keeps to itself of the backend, which is frozen at that version. */
interface Internals {
  commandEncoder: GPUCommandEncoder | null;
  computePassEncoder: GPUComputePassEncoder | null;
  commandQueueOwnedIds: WeakSet<object>;
  dispatchCountInPass: number;
  uniformPendingDisposal: GPUBuffer[];
}

/** Dispatches that are handed over at a time: each hand-over costs as much as many of them. */
export const BATCH = 128;

const pipelines = new WeakMap<GPUDevice, Map<string, GPUComputePipeline>>();

function pipelineOf(device: GPUDevice, { key, code }: Shader): GPUComputePipeline {
  const known = pipelines.get(device) ?? new Map<string, GPUComputePipeline>();
  pipelines.set(device, known);
  let pipeline = known.get(key);
  if (pipeline === undefined) {
    const module = device.createShaderModule({ code, label: key });
    pipeline = device.createComputePipeline({ compute: { module, entryPoint: "main" }, layout: "auto", label: key });
    known.set(key, pipeline);
  }
  return pipeline;
}

function uniformBuffer(backend: GpuBackend, uniforms: readonly Uniform[]): GPUBuffer {
  const bytes = new ArrayBuffer(Math.max(16, Math.ceil(uniforms.length / 4) * 16));
  const view = new DataView(bytes);
  uniforms.forEach((uniform, i) => {
    if (typeof uniform === "number") view.setUint32(4 * i, uniform, true);
    else view.setFloat32(4 * i, uniform.float, true);
  });
  const usage = GPUBufferUsage.COPY_DST | GPUBufferUsage.UNIFORM;
  const buffer = backend.bufferManager.acquireBuffer(bytes.byteLength, usage);
  backend.queue.writeBuffer(buffer, 0, bytes);
  return buffer;
}

/** Calls a shader, in the same queue as the kernels of TensorFlow.js. */
export function dispatch(backend: GpuBackend, { shader, inputs, outputs, uniforms, workgroups }: Call): void {
  const own = backend as unknown as Internals;
  const tensors = [...inputs, ...outputs];
  for (const { dataId } of tensors) backend.uploadToGPU(dataId);
  const pipeline = pipelineOf(backend.device, shader);
  const uniform = uniformBuffer(backend, uniforms);
  own.uniformPendingDisposal.push(uniform);
  const buffers = [...tensors.map(({ dataId }) => backend.tensorMap.get(dataId).resource as GPUBuffer), uniform];
  const bindGroup = backend.device.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: buffers.map((buffer, binding) => ({ binding, resource: { buffer } })),
  });
  // What is disposed of before the queue is handed over lives until then.
  for (const { dataId } of tensors) own.commandQueueOwnedIds.add(dataId);
  backend.ensureCommandEncoderReady();
  own.computePassEncoder ??= (own.commandEncoder as GPUCommandEncoder).beginComputePass();
  own.computePassEncoder.setPipeline(pipeline);
  own.computePassEncoder.setBindGroup(0, bindGroup);
  own.computePassEncoder.dispatchWorkgroups(...grid(backend.device, workgroups));
  backend.countDispatch();
  if (++own.dispatchCountInPass >= BATCH) {
    backend.endComputePassEncoder();
    backend.submitQueue();
  }
}

/** As many workgroups or a few more, in a grid that the device takes: shaders read `id.x + id.y * number.x`. */
function grid({ limits }: GPUDevice, workgroups: number): [number, number] {
  const most = limits.maxComputeWorkgroupsPerDimension;
  return workgroups <= most ? [workgroups, 1] : [most, Math.ceil(workgroups / most)];
}

/** `@group(0) @binding(i) var<storage, …> name: array<type>;` for inputs and outputs, and the uniforms as the struct `Sizes`. */
export function bindings(
  inputs: readonly string[],
  outputs: readonly string[],
  uniforms: readonly string[],
  integers: readonly string[] = [],
): string {
  const declare = (name: string, access: string, at: number): string =>
    `@group(0) @binding(${at}) var<storage, ${access}> ${name}: array<${integers.includes(name) ? "i32" : "f32"}>;`;
  return [
    `struct Sizes { ${uniforms.map((uniform) => (uniform.includes(":") ? uniform : `${uniform}: u32`)).join(", ")} }`,
    ...inputs.map((name, i) => declare(name, "read", i)),
    ...outputs.map((name, i) => declare(name, "read_write", inputs.length + i)),
    `@group(0) @binding(${inputs.length + outputs.length}) var<uniform> sizes: Sizes;`,
  ].join("\n");
}
