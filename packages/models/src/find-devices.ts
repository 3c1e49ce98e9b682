import { type Diagnostic, DiagnosticError } from "@seqloom/core";
import { type DeviceName, openDevice } from "./device.js";

/** What was found out about a device that models can run on. */
export interface FoundDevice {
  readonly name: DeviceName;
  /** Whether models would run on it. */
  readonly works: boolean;
  /** What it is, or what is missing. */
  readonly what: string;
  /** What to do about it. */
  readonly remedy?: string;
}

/** Tries all devices. Nothing is left open, except that a process can load native libraries only once. */
export async function findDevices(): Promise<readonly FoundDevice[]> {
  return [await simd(), await webgpu(), await tensorflow()];
}

async function simd(): Promise<FoundDevice> {
  try {
    const { registerSimdBackend, simdThreads, disposeSimd } = await import("@seqloom/simd");
    await registerSimdBackend();
    const threads = simdThreads();
    disposeSimd();
    return {
      name: "simd",
      works: true,
      what: `WebAssembly SIMD on ${threads} ${threads === 1 ? "thread" : "threads"}`,
    };
  } catch (error) {
    return { name: "simd", works: false, ...inWords(error), remedy: "It needs Node 20.19 or newer." };
  }
}

async function webgpu(): Promise<FoundDevice> {
  try {
    const { findAdapters } = await import("@seqloom/webgpu");
    const adapters = await findAdapters();
    const wanted = process.env.SEQLOOM_ADAPTER?.toLowerCase();
    const usable = adapters.find(({ name, software }) => (wanted ? name.toLowerCase().includes(wanted) : !software));
    if (usable !== undefined) {
      const { buffer, workgroupMemory, storageBuffers } = usable.limits;
      const limits = `buffers of ${Math.floor(buffer / 2 ** 20)} MiB, ${Math.floor(workgroupMemory / 1024)} KiB a workgroup, ${storageBuffers} buffers a shader`;
      return { name: "webgpu", works: true, what: `${usable.name}; ${limits}` };
    }
    const names = adapters.map(({ name }) => name).join(", ");
    return {
      name: "webgpu",
      works: false,
      what: adapters.length === 0 ? "no GPU was found" : `only ${names}, on the processor`,
      remedy:
        adapters.length === 0
          ? "A GPU needs its Vulkan driver and the Vulkan loader (Debian: libvulkan1)."
          : "SEQLOOM_ADAPTER=swiftshader takes it all the same; device simd is many times as fast.",
    };
  } catch (error) {
    return { name: "webgpu", works: false, ...inWords(error) };
  }
}

async function tensorflow(): Promise<FoundDevice> {
  try {
    await openDevice("tensorflow");
    return { name: "tensorflow", works: true, what: "native TensorFlow" };
  } catch (error) {
    return { name: "tensorflow", works: false, ...inWords(error) };
  }
}

function inWords(error: unknown): { what: string; remedy?: string } {
  const diagnostic: Diagnostic | undefined = error instanceof DiagnosticError ? error.diagnostics[0] : undefined;
  if (diagnostic === undefined) return { what: (error as Error).message };
  const what = diagnostic.message.replace(/^device "\w+":? /, "");
  return { what, ...(diagnostic.hint !== undefined && { remedy: diagnostic.hint }) };
}
