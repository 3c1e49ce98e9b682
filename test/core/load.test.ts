import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { loadPipeline } from "@seqloom/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadedModules } from "../support/loaded-modules.js";

const YAML =
  "seqloom: 1\nseed: 1\nparams: { rows: 5 }\nstages:\n  rows: { use: probe/rows, with: { rows: '${params.rows}' } }\n";

const core = import.meta.resolve("@seqloom/core");
const zod = import.meta.resolve("zod");
const MODULE = `
import { dataset, defineStage } from ${JSON.stringify(core)};
import { z } from ${JSON.stringify(zod)};
export const rows = defineStage({
  id: "probe/rows", version: 1, description: "rows", inputs: {}, outputs: { data: dataset({ text: "utf8" }) },
  params: z.strictObject({ rows: z.number() }), inference: "source", run: () => { throw new Error("never"); },
});`;

let folder: string;
let file: string;
let manifest: URL;
const home = () => join(folder, "home");
const memos = () => readdirSync(join(home(), "memo", "pipelines"));

function writeManifest(version: number): void {
  const info = {
    id: "probe/rows",
    version,
    kind: "stage",
    description: "rows",
    module: { url: "./rows.mjs", name: "rows" },
    code: { mode: "closure", hash: "0".repeat(64), hasher: "test/1", packages: [] },
    isolation: "thread",
    seeded: false,
    usesDevice: false,
    usesUnicodeTables: false,
    fileNamesMatter: false,
    cpu: 1,
    inference: "source",
    fitOnly: [],
    pieces: false,
  };
  const outputs = { data: { artifact: "dataset", columns: { text: "utf8" } } };
  writeFileSync(manifest, JSON.stringify({ format: 1, package: "probe", stages: [{ info, inputs: {}, outputs }] }));
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "seqloom-load-"));
  file = join(folder, "p.yaml");
  manifest = pathToFileURL(join(folder, "stages.json"));
  writeFileSync(file, YAML);
  writeFileSync(join(folder, "rows.mjs"), MODULE);
  writeManifest(1);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const load = (set = {}) => loadPipeline(file, { manifests: [manifest], home: home(), set });

describe("loadPipeline", () => {
  it("gives the same pipeline from the memo as from the file", async () => {
    const first = await load();
    expect(memos()).toHaveLength(1);
    expect(await load()).toEqual(first);
    expect(memos()).toHaveLength(1);
  });

  it("compiles again when the text, an override or the installed stages change", async () => {
    await load();
    expect((await load({ "params.rows": "7" })).pipeline?.nodes[0].params).toEqual({ rows: 7 });
    writeFileSync(file, YAML.replace("seed: 1", "seed: 2"));
    expect((await load()).pipeline?.seed).toBe(2);
    writeManifest(2);
    expect((await load()).pipeline?.nodes[0].stage.version).toBe(2);
    expect(memos()).toHaveLength(4);
  });

  it("loads neither the parser, nor schemas, nor a stage when the memo is valid", async () => {
    await load();
    const script = join(folder, "script.mjs");
    const options = `{ manifests: [new URL(${JSON.stringify(manifest.href)})], home: ${JSON.stringify(home())} }`;
    const entry = import.meta.resolve("@seqloom/core/load");
    writeFileSync(
      script,
      `import { loadPipeline } from ${JSON.stringify(entry)};\nawait loadPipeline(${JSON.stringify(file)}, ${options});\n`,
    );
    const warm = loadedModules([script]).filter((url) => !url.startsWith("node:"));
    expect(warm.filter((url) => /node_modules|rows\.mjs|\/yaml\//.test(url))).toEqual([]);
    writeFileSync(file, `${YAML}\n`);
    const cold = loadedModules([script]);
    expect(cold.some((url) => url.includes("/zod/"))).toBe(true);
    expect(cold.some((url) => url.endsWith("rows.mjs"))).toBe(true);
  });

  it("keeps what it compiled under the text that it compiled, though the file is saved again meanwhile", async () => {
    const loading = load();
    writeFileSync(file, YAML.replace("seed: 1", "seed: 2"));
    expect((await loading).pipeline?.seed).toBe(1);
    expect((await load()).pipeline?.seed).toBe(2);
    writeFileSync(file, YAML);
    expect((await load()).pipeline?.seed).toBe(1);
  });

  it("gives minus zero the one form that JSON has for it, so that the memo changes no key", async () => {
    const first = await load({ "params.rows": "-0.0" });
    expect(Object.is(first.pipeline?.nodes[0].params.rows, 0)).toBe(true);
    expect(await load({ "params.rows": "-0.0" })).toEqual(first);
  });

  it("survives a memo that is damaged", async () => {
    const first = await load();
    writeFileSync(join(home(), "memo", "pipelines", memos()[0]), '{"format": 1, "nodes": [');
    expect(await load()).toEqual(first);
  });

  it("keeps no memo of a file with problems, and reports them each time", async () => {
    writeFileSync(file, YAML.replace("probe/rows", "probe/row"));
    for (let i = 0; i < 2; i++) {
      expect((await load()).diagnostics).toMatchObject([
        { code: "unknown-stage", hint: expect.stringContaining("probe/rows") },
      ]);
    }
  });

  it("works without a memo where nothing can be written", async () => {
    writeFileSync(home(), "a file is in the way");
    expect((await load()).pipeline?.name).toBe("p");
    rmSync(home());
    mkdirSync(home());
    chmodSync(home(), 0o500);
    expect((await load()).pipeline?.name).toBe("p");
    chmodSync(home(), 0o700);
  });

  it.each([
    ["a file that is not there", "gone.yaml", "there is no file"],
    ["a folder", ".", "is a folder"],
  ])("says so for %s", async (_, name, message) => {
    const { diagnostics } = await loadPipeline(join(folder, name), { manifests: [manifest], home: home() });
    expect(diagnostics).toMatchObject([{ code: "pipeline-file", message: expect.stringContaining(message) }]);
  });

  it("says what to do when the list of stages is missing", async () => {
    rmSync(manifest);
    await expect(load()).rejects.toThrow(/list of stages is not there/);
  });
});
