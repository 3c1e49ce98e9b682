import { createRequire } from "node:module";
import { type Diagnostic, DiagnosticError, fail } from "@seqloom/core";

/** TensorFlow.js, loaded. */
export type TensorFlow = typeof import("@tensorflow/tfjs-core");

/** The operations that layers, losses and optimizers are made of, loaded. */
export type Operations = typeof import("./ops/index.js");

/** A device that is ready: TensorFlow.js with its backend chosen, and the operations that run on it. */
export interface Device {
  readonly name: DeviceName;
  readonly tf: TensorFlow;
  readonly ops: Operations;
  /** Whether a tensor can be read without waiting; of a GPU it cannot. */
  readonly readsAtOnce: boolean;
}

/** The devices that models can run on. */
export const deviceNames = ["simd", "webgpu", "tensorflow", "cpu"] as const;

/** The name of a device. */
export type DeviceName = (typeof deviceNames)[number];

/**
 * Loads TensorFlow.js and chooses the backend of this name: `simd` (WebAssembly, fast, the default), `webgpu` (any GPU),
 * `tensorflow` (the native library, where its user has built it) or `cpu` (the plain JavaScript reference, very slow).
 * @throws DiagnosticError `unknown-device`, or `device-unavailable` with what to do about it.
 */
export async function openDevice(name: string): Promise<Device> {
  if (!isDeviceName(name)) {
    throw fail("unknown-device", `there is no device "${name}"`, { hint: `Valid devices: ${deviceNames.join(", ")}.` });
  }
  const tf = await import("@tensorflow/tfjs-core");
  tf.enableProdMode();
  // Registering `simd` again would start it anew, without the tensors that it holds.
  if (tf.findBackendFactory(name) === null || (name === "webgpu" && !(await isSound()))) await register[name]();
  // TensorFlow.js alone has no gradients, and some of its own need mending on every backend.
  (await import("@seqloom/simd")).applyPatches();
  if (tf.getBackend() !== name && !(await tf.setBackend(name))) {
    throw fail("device-unavailable", `device "${name}" did not start`, {
      hint: "Choose device simd, which always works.",
    });
  }
  return { name, tf, ops: await import("./ops/index.js"), readsAtOnce: name !== "webgpu" };
}

/** Whether the GPU that is open may be used on: after an error nothing that it holds means anything. */
async function isSound(): Promise<boolean> {
  return (await import("@seqloom/webgpu")).webgpuIsSound();
}

function isDeviceName(name: string): name is DeviceName {
  return (deviceNames as readonly string[]).includes(name);
}

const register: Readonly<Record<DeviceName, () => Promise<void>>> = {
  async simd() {
    const { registerSimdBackend } = await import("@seqloom/simd");
    await registerSimdBackend();
  },
  async webgpu() {
    const { registerWebgpuBackend } = await import("@seqloom/webgpu");
    await registerWebgpuBackend();
  },
  async cpu() {
    await import("@tensorflow/tfjs-backend-cpu");
  },
  async tensorflow() {
    mendNodeUtil();
    const problems: unknown[] = [];
    for (const name of ["@tensorflow/tfjs-node-gpu", "@tensorflow/tfjs-node"]) {
      try {
        await import(name);
        return;
      } catch (error) {
        problems.push(error);
      }
    }
    throw new DiagnosticError(tensorflowDiagnostic(problems, process.version));
  },
};

/** tfjs-node 4.22.0 calls two functions of `node:util` that Node 23 removed (tfjs #8609). */
function mendNodeUtil(): void {
  const util = createRequire(import.meta.url)("node:util") as Record<string, unknown>;
  util.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
  util.isArray ??= Array.isArray;
}

/** What is wrong with the native library, and what to do: told apart are "not installed" and "installed, not built". */
export function tensorflowDiagnostic(problems: readonly unknown[], nodeVersion: string): Diagnostic {
  const codeOf = (problem: unknown): unknown => (problem as { code?: unknown } | null)?.code;
  const found = problems.find((problem) => codeOf(problem) !== "ERR_MODULE_NOT_FOUND");
  const what = found instanceof Error ? found.message.split("\n")[0].trim() : null;
  const install =
    "On a machine with CUDA 11.2 and cuDNN 8.1 run `npm install @tensorflow/tfjs-node-gpu@4.22.0`, " +
    "without a GPU `npm install @tensorflow/tfjs-node@4.22.0`, with install scripts allowed: they download libtensorflow.";
  const build =
    "Let its install script run, which downloads libtensorflow: `npm rebuild @tensorflow/tfjs-node-gpu` " +
    "(with pnpm: `pnpm approve-builds`, then `pnpm rebuild @tensorflow/tfjs-node-gpu`). " +
    "The GPU build needs CUDA 11.2 and cuDNN 8.1.";
  return {
    code: "device-unavailable",
    severity: "error",
    message:
      what === null
        ? 'device "tensorflow" needs the package @tensorflow/tfjs-node-gpu or @tensorflow/tfjs-node, and neither is installed'
        : `device "tensorflow" does not load in Node ${nodeVersion}: ${what}`,
    hint: `${what === null ? install : build} Device simd needs neither.`,
  };
}
