import { rmSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { folderWith, SMALL, seqloom } from "./support.js";

const cwd = folderWith({ "pipeline.yaml": SMALL }, true);
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

function stages(command: "run" | "plan", ...args: string[]): Record<string, string> {
  const more = command === "run" ? ["--quiet", "--no-report"] : [];
  const { out } = seqloom([command, "pipeline.yaml", "--json", ...more, ...args], { cwd });
  const found = JSON.parse(out).stages as readonly { readonly name: string; readonly status: string }[];
  return Object.fromEntries(found.map(({ name, status }) => [name, status]));
}

describe("a part of a pipeline", () => {
  it("is run by names of stages, and planned the same way", () => {
    expect(stages("plan", "clean")).toEqual({ reviews: "run", clean: "unknown" });
    expect(stages("run", "clean")).toEqual({ reviews: "run", clean: "run" });
    expect(stages("plan", "--until=clean")).toEqual({ reviews: "hit", clean: "hit" });
    expect(stages("run", "--only=tokens")).toEqual({ reviews: "hit", clean: "hit", tokens: "run" });
    expect(stages("plan", "--from=clean", "--force=clean", "--force-downstream")).toEqual({
      reviews: "hit",
      clean: "run",
      tokens: "unknown",
    });
  });

  it("that is frozen is an error in CI once something changed, in run and in plan", () => {
    expect(seqloom(["run", "pipeline.yaml", "--frozen", "--quiet", "--no-report"], { cwd }).code).toBe(0);
    for (const command of ["run", "plan"]) {
      const { code, err } = seqloom([command, "pipeline.yaml", "--frozen", "--set", "params.rows=42"], { cwd });
      expect(code).toBe(1);
      expect(err).toContain('stage "reviews" is frozen, and the store has no result for it: with.rows 40 → 42');
    }
  });

  it.each<readonly [readonly string[], string, string]>([
    [["tokns"], 'pipeline "small" has no stage "tokns"', 'Did you mean "tokens"?'],
    [["--from=claen"], '--from names "claen"', 'Did you mean "clean"?'],
    [["--only=clean", "tokens"], "--only and names of stages exclude each other", "Give one of them."],
    [["--force=clean", "--frozen"], '"clean" cannot be forced to run and frozen at once', "Leave one of them out."],
    [["--force-downstream"], "--force-downstream says nothing", "--force=STAGE"],
    [["--frozen", "clean"], 'does not know what to do with "clean"', "Did you mean --frozen=clean?"],
  ])("%j is a wrong call", (args, message, hint) => {
    const { code, err } = seqloom(["run", "pipeline.yaml", ...args], { cwd });
    expect(code).toBe(2);
    expect(err).toContain(message);
    expect(err).toContain(hint);
  });
});
