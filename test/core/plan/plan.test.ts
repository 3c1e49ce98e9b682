import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { DiagnosticError } from "@seqloom/core";
import { openStore, planPipeline, reasonText, runPipeline } from "@seqloom/core/engine";
import { describe, expect, it } from "vitest";
import {
  loadFixtures,
  type NodeOptions,
  node,
  pipelineOf,
  planInWords,
  temporaryFolder,
} from "../../support/pipeline.js";
import { filesUnder } from "../store/support.js";

const fixture = await loadFixtures(new URL("../run/fixtures/stages.mjs", import.meta.url));

interface Changes {
  readonly rows?: NodeOptions;
  readonly shout?: NodeOptions;
  readonly name?: string;
}

const chain = ({ rows, shout, name }: Changes = {}) =>
  pipelineOf(
    [
      node("rows", fixture("source"), rows),
      node("shout", fixture("upper"), { in: "rows", ...shout }),
      node("count", fixture("rowCount"), { in: "shout" }),
    ],
    name === undefined ? {} : { name },
  );

/** A store in which the chain was run. */
async function usedStore() {
  const store = openStore(temporaryFolder());
  await runPipeline(chain(), { store });
  return store;
}

const reasonsOf = async (pipeline: ReturnType<typeof chain>, stage: string, store = openStore(temporaryFolder())) => {
  const { nodes } = await planPipeline(pipeline, store);
  const planned = nodes.find((one) => one.node.name === stage);
  return planned !== undefined && "reasons" in planned ? planned.reasons.map(reasonText) : planned?.status;
};

describe("a plan", () => {
  it("of a pipeline that never ran: the first stages run, and of the others nothing is known yet", async () => {
    const store = openStore(temporaryFolder());
    expect(await planInWords(chain(), store)).toEqual({ rows: "never-run", shout: "unknown", count: "unknown" });
    expect(await reasonsOf(chain(), "count", store)).toEqual(["depends on the result of shout"]);
  });

  it("of a pipeline that ran: everything is a hit, and the time that this saves is told", async () => {
    const store = await usedStore();
    const plan = await planPipeline(chain(), store);
    expect(plan.nodes.map(({ status }) => status)).toEqual(["hit", "hit", "hit"]);
    const sum = plan.nodes.reduce((ms, one) => ms + (one.status === "hit" ? one.entry.computeMs : 0), 0);
    expect(plan.savedMs).toBe(sum);
    expect(plan.savedMs).toBeGreaterThan(0);
  });

  it("writes nothing", async () => {
    const folder = temporaryFolder();
    await planPipeline(chain(), openStore(join(folder, "store")));
    expect(filesUnder(folder)).toEqual([]);
  });

  it("explains a change against the last run of the same stage of the same pipeline", async () => {
    const store = await usedStore();
    const changed = chain({ shout: { with: { suffix: "!" } } });
    expect(await planInWords(changed, store)).toEqual({ rows: "hit", shout: "param-changed", count: "unknown" });
    expect(await reasonsOf(changed, "shout", store)).toEqual(['with.suffix "" → "!"']);
  });

  it("explains against the run that was last, though it was all hits", async () => {
    const store = await usedStore();
    await runPipeline(chain({ shout: { with: { suffix: "!" } } }), { store });
    await runPipeline(chain(), { store });
    const changed = chain({ shout: { with: { suffix: "?" } } });
    expect(await reasonsOf(changed, "shout", store)).toEqual(['with.suffix "" → "?"']);
  });

  it.each<[string, NodeOptions, string]>([
    [
      "code",
      { stage: { code: { mode: "closure", hash: "1".repeat(64), hasher: "test/1", packages: [] } } },
      "code-changed",
    ],
    ["version", { stage: { version: 2 } }, "version-bumped"],
    ["columns", { columns: { text: "review" } }, "columns-changed"],
  ])("names a change of %s", async (_, rows, kind) => {
    expect(await planInWords(chain({ rows }), await usedStore())).toMatchObject({ rows: kind, shout: "unknown" });
  });

  it("explains a stage that was renamed by its old self", async () => {
    const store = await usedStore();
    const renamed = pipelineOf(
      [node("lines", fixture("source"), { with: { word: "line" } }), node("shout", fixture("upper"), { in: "lines" })],
      { name: "another" },
    );
    expect(await reasonsOf(renamed, "lines", store)).toEqual(['with.word "row" → "line"']);
  });

  it("does not explain a stage by one that differs in many things, nor by another stage of the same pipeline", async () => {
    const store = await usedStore();
    const far = pipelineOf([node("x", fixture("source"), { with: { word: "line" }, stage: { version: 2 } })], {
      name: "another",
    });
    expect(await reasonsOf(far, "x", store)).toEqual(["never run before"]);
    const second = pipelineOf([...chain().nodes, node("more", fixture("source"), { with: { word: "more" } })]);
    expect(await reasonsOf(second, "more", store)).toEqual(["never run before"]);
  });

  it("names what is wrong with a stored result", async () => {
    const store = await usedStore();
    rmSync(store.path("blobs"), { recursive: true });
    expect((await reasonsOf(chain(), "rows", store))?.[0]).toBe("stored result is damaged: data/data.arrow is missing");
    rmSync(store.path("entries"), { recursive: true });
    expect(await planInWords(chain(), store)).toMatchObject({ rows: "entry-evicted", shout: "unknown" });
  });

  it("says only that it never ran when the history is lost", async () => {
    const store = await usedStore();
    rmSync(store.path("index"), { recursive: true });
    expect(await planInWords(chain(), store)).toEqual({ rows: "hit", shout: "hit", count: "hit" });
    expect(await reasonsOf(chain({ shout: { with: { suffix: "!" } } }), "shout", store)).toEqual(["never run before"]);
  });

  it("forces what is asked for; of what follows nothing is known", async () => {
    const store = await usedStore();
    const plan = await planPipeline(chain(), store, { force: ["shout"] });
    expect(plan.nodes.map((one) => one.status)).toEqual(["hit", "run", "unknown"]);
    const all = await planPipeline(chain(), store, { force: true });
    expect(all.nodes.map((one) => one.status)).toEqual(["run", "unknown", "unknown"]);
  });

  it("is of the targets and what they need", async () => {
    const store = openStore(temporaryFolder());
    const plan = await planPipeline(chain(), store, { targets: ["shout"] });
    expect(plan.nodes.map((one) => one.node.name)).toEqual(["rows", "shout"]);
  });

  it("proposes the closest name for a target that is not there", async () => {
    const refused = planPipeline(chain(), openStore(temporaryFolder()), { targets: ["shuot"] });
    await expect(refused).rejects.toSatisfy((error: unknown) => {
      const [{ code, hint }] = (error as DiagnosticError).diagnostics;
      return code === "unknown-target" && hint === 'Did you mean "shout"?';
    });
  });

  it("changes when two inputs swap their roles", async () => {
    const store = openStore(temporaryFolder());
    const joined = (left: string, right: string) =>
      pipelineOf([
        node("a", fixture("source"), { with: { word: "a" } }),
        node("b", fixture("source"), { with: { word: "b" } }),
        node("both", fixture("join"), { in: { left, right } }),
      ]);
    await runPipeline(joined("a", "b"), { store });
    expect(await planInWords(joined("a", "b"), store)).toMatchObject({ both: "hit" });
    expect(await planInWords(joined("b", "a"), store)).toMatchObject({ both: "input-changed input-changed" });
  });
});

describe("the plan of a stage that reads files", () => {
  const reading = (directory: string, file = "a.txt") =>
    pipelineOf([node("text", fixture("reader"), { with: { file } })], { directory });

  it("changes with the content of the files, and names them", async () => {
    const directory = temporaryFolder();
    const store = openStore(join(directory, ".seqloom"));
    writeFileSync(join(directory, "a.txt"), "one");
    expect((await runPipeline(reading(directory), { store })).status).toBe("succeeded");
    expect(await planInWords(reading(directory), store)).toEqual({ text: "hit" });
    writeFileSync(join(directory, "a.txt"), "two");
    expect(await reasonsOf(reading(directory), "text", store)).toEqual(["files of files changed: a.txt"]);
    writeFileSync(join(directory, "a.txt"), "one");
    expect(await planInWords(reading(directory), store)).toEqual({ text: "hit" });
  });

  it("is broken when a file is missing, and nothing is known of what follows", async () => {
    const directory = temporaryFolder();
    mkdirSync(join(directory, "data"));
    const store = openStore(join(directory, ".seqloom"));
    expect(await planInWords(reading(directory, "data/a.txt"), store)).toEqual({ text: "file-missing" });
  });
});
