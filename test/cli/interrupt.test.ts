import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { folderWith, SMALL, seqloom, startSeqloom, TRAINING } from "./support.js";

const LONG = TRAINING.replace("epochs: 2", "epochs: 100000");

describe("Ctrl-C", () => {
  it("in the middle of a training stops it: exit code 130, what was finished is kept, nothing is half-written", async () => {
    const cwd = folderWith({ "pipeline.yaml": LONG });
    const { child, ended, until } = startSeqloom(["run", "pipeline.yaml"], { cwd });
    await until("model epoch 3/");
    child.kill("SIGINT");
    const { code, out, err } = await ended;
    expect(code).toBe(130);
    expect(err).toContain("Stopping.");
    expect(err).toContain("Interrupted.");
    expect(out).toMatch(/5 ran · 2 not run/);
    expect(readdirSync(join(cwd, ".seqloom", "tmp"))).toEqual([]);
    const { stages } = JSON.parse(seqloom(["plan", "pipeline.yaml", "--json"], { cwd }).out);
    expect(stages.map(({ status }: { status: string }) => status)).toEqual([
      ...["hit", "hit", "hit", "hit", "hit"],
      ...["run", "unknown"],
    ]);
  });

  it("is told in the object of --json", async () => {
    const cwd = folderWith({ "pipeline.yaml": LONG });
    const { child, ended, until } = startSeqloom(["run", "pipeline.yaml", "--json"], { cwd });
    await until("model epoch 3/");
    child.kill("SIGINT");
    const { code, out } = await ended;
    expect(code).toBe(130);
    const { stages, ...run } = JSON.parse(out);
    expect(run).toMatchObject({ status: "interrupted", report: null });
    // The stage that was stopped says how long it ran, the one that was not started that it did not.
    expect(stages.slice(5)).toMatchObject([
      { name: "model", status: "skipped" },
      { name: "scores", status: "skipped", ms: 0 },
    ]);
    expect(stages[5].ms).toBeGreaterThan(0);
  });

  it("is not SIGTERM: that has an exit code and a word of its own", async () => {
    const cwd = folderWith({ "pipeline.yaml": LONG });
    const { child, ended, until } = startSeqloom(["run", "pipeline.yaml"], { cwd });
    await until("model epoch 3/");
    child.kill("SIGTERM");
    const { code, err } = await ended;
    expect(code).toBe(143);
    expect(err).toContain("Terminated. What was finished is kept");
    expect(err).not.toContain("Interrupted.");
  });

  it("pressed twice ends it, with the same code", async () => {
    const cwd = folderWith({ "pipeline.yaml": LONG });
    const { child, ended, until } = startSeqloom(["run", "pipeline.yaml"], { cwd });
    await until("model epoch 3/");
    child.kill("SIGINT");
    await new Promise((resolve) => setTimeout(resolve, 200));
    child.kill("SIGINT");
    expect((await ended).code).toBe(130);
  });

  it("leaves the store as it was when it comes before anything was done", async () => {
    const cwd = folderWith({ "pipeline.yaml": SMALL });
    const { child, ended } = startSeqloom(["run", "pipeline.yaml"], { cwd });
    child.kill("SIGINT");
    const { code } = await ended;
    // So early, the signal may come before anybody listens to it: then the system ends the process.
    expect([130, null]).toContain(code);
    expect(existsSync(join(cwd, ".seqloom", "entries"))).toBe(false);
  });
});
