import { type Diagnostic, DiagnosticError, fail } from "@seqloom/core";

/** The limits of a device that large models come up against: all of them are raised to what the adapter has. */
const LIMITS = [
  "maxBufferSize",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupSizeX",
  "maxComputeWorkgroupSizeY",
  "maxComputeWorkgroupStorageSize",
  "maxComputeWorkgroupsPerDimension",
  "maxStorageBufferBindingSize",
  "maxStorageBuffersPerShaderStage",
] as const;

/** A GPU that is open, and what it is. */
export interface OpenGpu {
  readonly device: GPUDevice;
  readonly info: GPUAdapterInfo;
}

/** Of Dawn's module: `create` gives what browsers have as `navigator.gpu`, `globals` the classes and constants of WebGPU. */
interface Dawn {
  create(flags: string[]): GPU;
  readonly globals: object;
}

/**
 * Dawn frees the devices of an instance with the instance, so it must be held as long as anything of it is used
 * (https://github.com/dawn-gpu/node-webgpu#usage).
 */
let instance: GPU | undefined;

/**
 * Opens a GPU through Dawn. `adapter` is a part of the name of the one to take; without it any real GPU will do, and one that is
 * simulated on the processor is refused: there `simd` is many times as fast.
 * @throws DiagnosticError `device-unavailable`, with what is missing and what to do.
 */
export async function openGpu(adapter: string | undefined): Promise<OpenGpu> {
  const { create, globals } = await loadDawn();
  Object.assign(globalThis, globals);
  const wanted = adapter?.toLowerCase();
  const names = wanted === undefined ? [] : await adapterNames(create);
  const name = names.find((one) => one.toLowerCase().includes(wanted as string));
  if (adapter !== undefined && name === undefined) throw new DiagnosticError(noAdapter(adapter, names));
  instance = create(name === undefined ? [] : [`adapter=${name}`]);
  const found = await instance.requestAdapter({ powerPreference: "high-performance" });
  if (found === null) throw new DiagnosticError(noAdapter(adapter, names));
  const info = await infoOf(found);
  if (adapter === undefined && isSoftware(info)) throw new DiagnosticError(softwareOnly(info));
  const requiredFeatures = (["timestamp-query"] as const).filter((feature) => found.features.has(feature));
  const requiredLimits = Object.fromEntries(LIMITS.map((name) => [name, found.limits[name] as number]));
  try {
    const device = await found.requestDevice({ requiredFeatures, requiredLimits });
    showToTensorFlow(instance);
    return { device, info };
  } catch (error) {
    throw fail("device-unavailable", `device "webgpu": ${nameOf(info)} does not open: ${(error as Error).message}`, {
      hint: "Choose device simd, which always works.",
    });
  }
}

/** "NVIDIA H200 (nvidia hopper)": what an adapter is called. */
export function nameOf({ description, device, vendor, architecture }: GPUAdapterInfo): string {
  return `${description || device || "an adapter without a name"} (${[vendor, architecture].filter(Boolean).join(" ")})`;
}

/** Whether an adapter computes on the processor. */
export function isSoftware(info: GPUAdapterInfo): boolean {
  const { isFallbackAdapter = false } = info as { isFallbackAdapter?: boolean };
  return isFallbackAdapter || /swiftshader|llvmpipe|lavapipe/i.test(`${info.architecture} ${info.description}`);
}

async function loadDawn(): Promise<Dawn> {
  try {
    return (await import("webgpu")) as unknown as Dawn;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const missing = code === "ERR_MODULE_NOT_FOUND";
    throw fail(
      "device-unavailable",
      missing
        ? 'device "webgpu" needs the package webgpu, which is not installed'
        : `device "webgpu": the package webgpu does not load here: ${message.split("\n")[0]}`,
      {
        hint: missing
          ? "Run `npm install webgpu`; its programs are inside the package. Device simd needs nothing."
          : "It needs glibc 2.34 or newer on Linux (Debian 12, Ubuntu 22.04), macOS or Windows. Device simd needs nothing.",
      },
    );
  }
}

/** The names of all adapters that Dawn sees; it tells them when it is asked for one that there is not. */
async function adapterNames(create: Dawn["create"]): Promise<readonly string[]> {
  try {
    await create(["adapter=\0"]).requestAdapter();
    return [];
  } catch (error) {
    return [...String((error as Error).message).matchAll(/name: '([^']*)'/g)].map(([, name]) => name as string);
  }
}

async function infoOf(adapter: GPUAdapter): Promise<GPUAdapterInfo> {
  return (adapter as GPUAdapter & { readonly info?: GPUAdapterInfo }).info ?? (await adapter.requestAdapterInfo());
}

function noAdapter(wanted: string | undefined, names: readonly string[]): Diagnostic {
  return {
    code: "device-unavailable",
    severity: "error",
    message: `device "webgpu": no ${wanted === undefined ? "GPU" : `adapter named "${wanted}"`} was found`,
    hint:
      (names.length > 0 ? `There are: ${names.join(", ")}. ` : "") +
      "On Linux a GPU needs its Vulkan driver and the Vulkan loader (Debian: `apt-get install libvulkan1`, and the driver of the " +
      "card). `seqloom doctor` shows what was found. Device simd needs neither.",
  };
}

function softwareOnly(info: GPUAdapterInfo): Diagnostic {
  return {
    code: "device-unavailable",
    severity: "error",
    message: `device "webgpu": only ${nameOf(info)} was found, which computes on the processor`,
    hint: `Device simd is many times as fast there. To take it all the same: SEQLOOM_ADAPTER=${info.architecture || "swiftshader"}.`,
  };
}

/** TensorFlow.js asks `navigator.gpu` whether there is WebGPU. Node 20 has no navigator; later ones have one without a gpu. */
function showToTensorFlow(gpu: GPU): void {
  const { navigator = null } = globalThis as { navigator?: object | null };
  const shown = Object.create(navigator, { gpu: { value: gpu } });
  Object.defineProperty(globalThis, "navigator", { value: shown, configurable: true });
}

/** An adapter that Dawn sees. */
export interface FoundAdapter {
  readonly name: string;
  /** Computes on the processor. */
  readonly software: boolean;
  /** Those that models come up against, in bytes, and storage buffers of a shader. */
  readonly limits: { readonly buffer: number; readonly workgroupMemory: number; readonly storageBuffers: number };
}

/**
 * All adapters, whether or not they would be taken.
 * @throws DiagnosticError `device-unavailable` when Dawn does not load.
 */
export async function findAdapters(): Promise<readonly FoundAdapter[]> {
  const { create, globals } = await loadDawn();
  Object.assign(globalThis, globals);
  const found: FoundAdapter[] = [];
  for (const name of await adapterNames(create)) {
    instance = create([`adapter=${name}`]);
    const adapter = await instance.requestAdapter();
    if (adapter === null) continue;
    const info = await infoOf(adapter);
    const { maxBufferSize, maxComputeWorkgroupStorageSize, maxStorageBuffersPerShaderStage } = adapter.limits;
    found.push({
      name: nameOf(info),
      software: isSoftware(info),
      limits: {
        buffer: maxBufferSize,
        workgroupMemory: maxComputeWorkgroupStorageSize,
        storageBuffers: maxStorageBuffersPerShaderStage,
      },
    });
  }
  return found;
}
