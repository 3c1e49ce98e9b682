import { rmSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { folderWith, seqloom, TRAINING } from "./support.js";

const cwd = folderWith({ "pipeline.yaml": TRAINING }, true);
afterAll(() => rmSync(cwd, { recursive: true, force: true }));
beforeAll(() => void seqloom(["run", "pipeline.yaml", "--no-report", "--until=model", "-q"], { cwd }));

describe("seqloom verify", () => {
  it("trains again and finds the same bytes; what has no result is told, and no failure", () => {
    const { code, out } = seqloom(["verify", "pipeline.yaml"], { cwd });
    expect(out).toContain("✓ model  the same bytes again");
    expect(out).toContain("○ scores  has no result to compare with");
    expect(code).toBe(0);
  });

  it("prints one object, and fails for a stage that was named and has no result", () => {
    const { code, out } = seqloom(["verify", "pipeline.yaml", "scores", "--json"], { cwd });
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      pipeline: "training",
      stages: [{ stage: "scores", use: "models/evaluate", status: "no-result", different: [], diagnostics: [] }],
    });
  });
});
