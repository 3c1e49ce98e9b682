import type { DiagnosticError, Pipeline } from "@seqloom/core";
import { openStore, type RunOptions, runPipeline, type Selection, select } from "@seqloom/core/engine";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { loadFixtures, node, pipelineOf, temporaryFolder } from "../../support/pipeline.js";

const fixture = await loadFixtures(new URL("../run/fixtures/stages.mjs", import.meta.url));
const source = (name: string) => node(name, fixture("source"), { with: { word: name } });
const join = (name: string, left: string, right: string) => node(name, fixture("join"), { in: { left, right } });

/** Two sources; `c` joins them, `d` joins `c` and `b`, `e` is apart, `f` joins `c` and `e`. */
const graph = (): Pipeline =>
  pipelineOf([source("a"), source("b"), join("c", "a", "b"), join("d", "c", "b"), source("e"), join("f", "c", "e")]);

const names = (selection: Selection) =>
  select(graph(), selection)
    .nodes.map(({ name }) => name)
    .join("");
const sorted = (values: Iterable<string>) => [...values].sort().join("");

function problem(selection: Selection): { code: string; text: string } {
  try {
    select(graph(), selection);
  } catch (error) {
    const [{ code, message, hint }] = (error as DiagnosticError).diagnostics;
    return { code, text: `${message} | ${hint}` };
  }
  throw new Error("it was not refused");
}

describe("a part of a pipeline", () => {
  it.each<readonly [Selection, string]>([
    [{}, "abcdef"],
    [{ targets: ["c"] }, "abc"],
    [{ targets: ["d", "e"] }, "abcde"],
    [{ until: ["c"] }, "abc"],
    [{ from: ["e"] }, "abcef"],
    [{ from: ["a"] }, "abcdef"],
    [{ from: ["d"] }, "abcd"],
    [{ from: ["a"], until: ["c"] }, "abc"],
    [{ from: ["c"], targets: ["d"] }, "abcd"],
    [{ only: ["f"] }, "abcef"],
  ])("%j is %s", (selection, expected) => {
    expect(names(selection)).toBe(expected);
  });

  it.each<readonly [Selection, string]>([
    [{ force: true }, "abcdef"],
    [{ force: ["c"] }, "c"],
    [{ force: ["c"], forceDownstream: true }, "cdf"],
    [{ force: ["c"], forceDownstream: true, targets: ["d"] }, "cd"],
    [{ force: true, targets: ["c"] }, "abc"],
    [{ force: true, only: ["d"] }, "d"],
  ])("%j forces %s", (selection, expected) => {
    expect(sorted(select(graph(), selection).forced)).toBe(expected);
  });

  it.each<readonly [Selection, string]>([
    [{ frozen: true }, "abcdef"],
    [{ frozen: ["a", "c"] }, "ac"],
    [{ only: ["d"] }, "abc"],
    [{ only: ["d", "c"] }, "ab"],
  ])("%j must not run %s", (selection, expected) => {
    expect(sorted(select(graph(), selection).held.keys())).toBe(expected);
  });

  it.each<readonly [Selection, string, RegExp]>([
    [{ targets: ["x"] }, "unknown-target", /has no stage "x"/],
    [{ from: ["clean"] }, "unknown-target", /^"from" names "clean".* \| Valid stages: a, b/],
    [{ only: ["d"], from: ["a"] }, "selection-conflict", /"only" and "from" exclude each other/],
    [{ only: ["d"], targets: ["a"] }, "selection-conflict", /"only" and names of stages exclude each other/],
    [{ targets: ["d"], until: ["d"] }, "selection-conflict", /say the same/],
    [{ from: ["e"], until: ["d"] }, "selection-conflict", /nothing leads from there to "d"/],
    [{ from: ["e"], targets: ["d", "f"] }, "selection-conflict", /"d" does not depend on what "from" names/],
    [{ force: ["f"], targets: ["d"] }, "selection-conflict", /"force" names "f", which is not in the part/],
    [{ frozen: ["f"], targets: ["d"] }, "selection-conflict", /"frozen" names "f", which is not in the part/],
    [{ force: ["c"], frozen: true }, "selection-conflict", /"c" cannot be forced to run and frozen at once/],
    [{ force: true, frozen: ["c"] }, "selection-conflict", /"c" cannot be forced to run and frozen at once/],
    [{ force: ["c"], only: ["d"] }, "selection-conflict", /"only" leaves it out/],
    [{ forceDownstream: true }, "selection-conflict", /says nothing/],
  ])("%j is refused: %s", (selection, code, text) => {
    const found = problem(selection);
    expect(found.code).toBe(code);
    expect(found.text).toMatch(text);
  });

  it("always has all that its stages need, in the order of the pipeline", () => {
    const some = fc.subarray(["a", "b", "c", "d", "e", "f"]);
    fc.assert(
      fc.property(some, some, (targets, from) => {
        let nodes: Pipeline["nodes"];
        try {
          ({ nodes } = select(graph(), { targets, from }));
        } catch {
          return;
        }
        const seen = new Set<string>();
        for (const { name, inputs } of nodes) {
          for (const { stage } of Object.values(inputs)) expect(seen.has(stage)).toBe(true);
          seen.add(name);
        }
        for (const name of [...targets, ...from]) expect(seen.has(name)).toBe(true);
      }),
    );
  });
});

describe("a run of a part", () => {
  const run = async (options: RunOptions) => {
    const record = await runPipeline(graph(), options);
    const statuses = Object.fromEntries(record.stages.map(({ name, status }) => [name, status]));
    return { record, statuses, codes: record.stages.flatMap((stage) => stage.diagnostics.map(({ code }) => code)) };
  };

  it("runs what it names alone once the rest is there, and nothing before that", async () => {
    const store = openStore(temporaryFolder());
    const refused = await run({ store, only: ["c"] });
    expect(refused.statuses).toEqual({ a: "failed", b: "failed", c: "skipped" });
    expect(refused.codes).toEqual(["no-result", "no-result"]);
    expect((await run({ store, targets: ["a", "b"] })).statuses).toEqual({ a: "run", b: "run" });
    expect((await run({ store, only: ["c"] })).statuses).toEqual({ a: "hit", b: "hit", c: "run" });
  });

  it("that is frozen computes nothing: it fails, and says why each stage would run", async () => {
    const store = openStore(temporaryFolder());
    await run({ store, targets: ["c"] });
    const { statuses, record, codes } = await run({ store, frozen: true });
    expect(statuses).toEqual({ a: "hit", b: "hit", c: "hit", d: "failed", e: "failed", f: "skipped" });
    expect(codes).toEqual(["frozen-stage", "frozen-stage"]);
    expect(record.status).toBe("failed");
    expect((await run({ store, frozen: ["c"] })).statuses).toEqual(
      Object.fromEntries(
        ["a", "b", "c"].map((name) => [name, "hit"]).concat(["d", "e", "f"].map((name) => [name, "run"])),
      ),
    );
    expect((await run({ store, frozen: true })).record.status).toBe("succeeded");
  });

  it("lets a frozen stage be whose inputs turn out to be the same", async () => {
    const store = openStore(temporaryFolder());
    await run({ store });
    const same = await run({ store, force: ["a"], frozen: ["c"] });
    expect(same.statuses).toMatchObject({ a: "run", c: "hit" });
    const again = await run({ store, force: ["a"], forceDownstream: true });
    expect(again.statuses).toMatchObject({ a: "run", b: "hit", c: "run", d: "run", e: "hit", f: "run" });
  });
});
