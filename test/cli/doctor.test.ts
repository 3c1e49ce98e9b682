import { mkdtempSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { seqloom } from "./support.js";

interface Report {
  readonly sound: boolean;
  readonly findings: readonly { what: string; state: string; found: string; remedy?: string }[];
}

/** No GPU is found, whatever the machine has. */
const NO_GPU = { VK_ICD_FILENAMES: "/nowhere.json", VK_DRIVER_FILES: "/nowhere.json" };

it("says what there is, a line each, and writes nothing", () => {
  const cwd = mkdtempSync(join(tmpdir(), "seqloom-doctor-"));
  const { code, out } = seqloom(["doctor", "--json"], { cwd, env: { ...NO_GPU, SEQLOOM_MIRROR: "/data/mirror" } });
  const { sound, findings } = JSON.parse(out) as Report;
  expect({ code, sound }).toEqual({ code: 0, sound: true });
  const states = Object.fromEntries(findings.map(({ what, state }) => [what, state]));
  expect(states).toMatchObject({ Node: "ok", Machine: "ok", simd: "ok", Store: "ok", Mirror: "ok" });
  expect(findings.find(({ what }) => what === "Node")?.found).toContain(process.version);
  expect(findings.find(({ what }) => what === "Mirror")?.found).toContain("/data/mirror");
  expect(readdirSync(cwd)).toEqual([]);
});

it("names the remedy for what is missing, in text", () => {
  const { code, out } = seqloom(["doctor"], { env: { ...NO_GPU, SEQLOOM_MIRROR: "" } });
  expect(code).toBe(0);
  expect(out).toMatch(/^✓ Node +v\d+/m);
  expect(out).toMatch(/^– webgpu +no GPU was found\n +A GPU needs its Vulkan driver/m);
  expect(out).toMatch(/^– Mirror +none/m);
});
