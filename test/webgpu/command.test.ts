import { cpSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { seqloom } from "../cli/support.js";
import { SIMULATED, simulateGpu } from "./simulated.js";

const missing = await simulateGpu();

/** A copy of the pipeline of shapes, small enough for a GPU that is simulated. */
function pipeline(): string {
  const folder = mkdtempSync(join(tmpdir(), "seqloom-gpu-"));
  cpSync("pipelines/quickstart.yaml", join(folder, "quickstart.yaml"));
  return join(folder, "quickstart.yaml");
}

describe("a run on a GPU", () => {
  it("where there is none, says what is missing, and nothing is lost", () => {
    const env = { VK_ICD_FILENAMES: "/nowhere.json", VK_DRIVER_FILES: "/nowhere.json", SEQLOOM_ADAPTER: "" };
    const { code, err } = seqloom(["run", pipeline(), "--device", "webgpu"], { env });
    expect(code).toBe(1);
    expect(err).toContain("device-unavailable");
    expect(err).toContain("no GPU was found");
    expect(err).toContain("Device simd needs neither");
  });

  it.skipIf(missing !== null)("does not take one that is simulated, unless it is asked for by name", () => {
    const { code, err } = seqloom(["run", pipeline(), "--device", "webgpu"], {
      env: { ...SIMULATED, SEQLOOM_ADAPTER: "" },
    });
    expect(code).toBe(1);
    expect(err).toContain("which computes on the processor");
    expect(err).toContain("SEQLOOM_ADAPTER=swiftshader");
  });

  it.skipIf(missing !== null)("names the adapters that there are when another is asked for", () => {
    const { code, err } = seqloom(["run", pipeline(), "--device", "webgpu"], {
      env: { ...SIMULATED, SEQLOOM_ADAPTER: "geforce" },
    });
    expect(code).toBe(1);
    expect(err).toContain('no adapter named "geforce"');
    expect(err).toContain("SwiftShader");
  });
});
