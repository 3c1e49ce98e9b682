import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** SwiftShader, a Vulkan driver that computes on the processor, as Debian's `chromium` brings it. */
const DRIVER = "/usr/lib/chromium/vk_swiftshader_icd.json";

/** The environment in which Dawn finds the simulated GPU, and Seqloom takes it. */
export const SIMULATED: Readonly<Record<string, string>> = {
  VK_ICD_FILENAMES: DRIVER,
  XDG_RUNTIME_DIR: mkdtempSync(join(tmpdir(), "seqloom-gpu-")),
  SEQLOOM_ADAPTER: "swiftshader",
};

/** Lets this process use the simulated GPU. Says why not where there is none, for a test that is skipped visibly. */
export async function simulateGpu(): Promise<string | null> {
  if (!existsSync(DRIVER)) return `no GPU to simulate: ${DRIVER} is missing (Debian's package chromium)`;
  Object.assign(process.env, SIMULATED);
  const { findAdapters } = await import("@seqloom/webgpu");
  const adapters = await findAdapters().catch((error: Error) => error);
  if (adapters instanceof Error) return `no GPU to simulate: ${adapters.message}`;
  return adapters.length > 0 ? null : "no GPU to simulate: Dawn finds no adapter (Debian's package libvulkan1)";
}
