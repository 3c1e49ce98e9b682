import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DiagnosticError } from "@seqloom/core";
import { openStore, type RunRecord, runPipeline, type Store } from "@seqloom/core/engine";
import { Trust } from "@seqloom/core/remote";
import { exportRun } from "@seqloom/core/replay";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openBundle } from "../../../packages/core/dist/bundle/import.js";
import { temporaryFolder } from "../../support/pipeline.js";
import { filesIn, smallPipeline } from "../remote/support.js";
import { archive, type Member, membersOf } from "./support.js";

const folder = mkdtempSync(join(tmpdir(), "seqloom-run-bundle-"));
const paths = { bare: join(folder, "bare.tar"), full: join(folder, "full.tar") };
let made: { readonly store: Store; readonly record: RunRecord; readonly bare: Buffer; readonly full: Buffer };

beforeAll(async () => {
  const store = openStore(join(folder, "store"));
  const record = await runPipeline(smallPipeline(), { store });
  await exportRun(store, record, paths.bare);
  await exportRun(store, record, paths.full, { withResults: true });
  made = { store, record, bare: readFileSync(paths.bare), full: readFileSync(paths.full) };
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What opening these bytes says; what is refused leaves nothing in the store. */
async function opening(bytes: Buffer): Promise<string> {
  const own = temporaryFolder();
  writeFileSync(join(own, "b.tar"), bytes);
  const store = openStore(join(own, "store"));
  try {
    const { run, results } = await openBundle(store, join(own, "b.tar"), new Trust([]));
    return `opened ${run?.stages.length} ${results}`;
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    const kept = filesIn(store.directory).filter((path) =>
      /^.(blobs|entries|keys|tmp)/.test(path.slice(store.directory.length)),
    );
    expect(kept).toEqual([]);
    return error.diagnostics.map(({ code, message }) => `${code} ${message}`).join("\n");
  }
}

/** The bundle with the text of one member changed. */
function changed(bundle: Buffer, name: RegExp, change: (text: string) => string): Buffer {
  const list = membersOf(bundle);
  const at = list.findIndex((member) => name.test(member.name));
  const content = Buffer.from(change(list[at].content.toString()));
  expect(content.equals(list[at].content)).toBe(false);
  return archive(list.map((member, place): Member => (place === at ? { ...member, content } : member)));
}

describe("a bundle of a run", () => {
  it("holds the run, its pipeline and what its keys are made of; the same run gives the same bytes", async () => {
    const names = membersOf(made.bare).map(({ name }) => name.replace(/[0-9a-f]{64}/, "*"));
    const keys = ["keys/*.json", "keys/*.json", "keys/*.json", "keys/*.json"];
    expect(names).toEqual(["bundle.json", "run.json", "pipeline.yaml", ...keys]);
    expect(membersOf(made.full).length).toBeGreaterThan(names.length + 4);
    const again = join(temporaryFolder(), "again.tar");
    expect(await exportRun(made.store, made.record, again, { withResults: true })).toMatchObject({
      stages: 4,
      results: 4,
    });
    expect(readFileSync(again).equals(made.full)).toBe(true);
    expect(await opening(made.bare)).toBe("opened 4 0");
    expect(await opening(made.full)).toBe("opened 4 4");
    expect(spawnSync("tar", ["-tf", paths.full], { encoding: "utf8" }).status).toBe(0);
  });

  it("needs no results any more, and says which are gone when they are wanted", async () => {
    const home = temporaryFolder();
    const store = openStore(home);
    const record = await runPipeline(smallPipeline(), { store });
    rmSync(join(home, "entries"), { recursive: true });
    expect(await exportRun(store, record, join(home, "bare.tar"))).toMatchObject({ stages: 4, results: 0 });
    await expect(exportRun(store, record, join(home, "full.tar"), { withResults: true })).rejects.toMatchObject({
      diagnostics: [{ code: "not-in-store" }],
    });
    const failed = { ...record, stages: record.stages.map((stage) => ({ ...stage, status: "skipped" as const })) };
    await expect(exportRun(store, failed, join(home, "none.tar"))).rejects.toMatchObject({
      diagnostics: [{ code: "nothing-to-export" }],
    });
  });
});

describe("a hostile bundle of a run", () => {
  it("is refused, or is another bundle of the same form, whatever byte is changed", { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(made.full.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const bytes = Buffer.from(made.full);
        bytes[at] ^= change;
        expect(await opening(bytes)).toMatch(/^(bundle-refused |opened 4 4$)/);
      }),
      { numRuns: 60, seed: 11 },
    );
  });

  it("is refused with traps, lies and what does not hold together", async () => {
    const { bare, full } = made;
    const list = membersOf(bare);
    const bad: readonly Buffer[] = [
      changed(bare, /^run/, (text) => text.replace("{", '{"__proto__":{"polluted":1},')),
      changed(bare, /^run/, (text) => text.replace("{", '{"more":1,')),
      changed(bare, /^run/, () => "[".repeat(100_000)),
      changed(bare, /^run/, (text) => text.replace(/"run":"[^"]+"/, '"run":"../../../evil"')),
      changed(bare, /^run/, (text) => text.replace(/"key":"[0-9a-f]{64}"/, `"key":"${"0".repeat(64)}"`)),
      changed(bare, /^run/, (text) => text.replace(/"outputs":\{"data"/, '"outputs":{"__proto__"')),
      changed(bare, /^run/, (text) => text.replace(/"outputs":\{"data"/, '"outputs":{"../data"')),
      changed(bare, /^run/, (text) => text.replace(/"name":"upper"/, '"name":"rows"')),
      changed(bare, /^run/, (text) => text.replace(/"name":"upper"/, '"name":"\\u001b[2Jupper"')),
      changed(bare, /^run/, (text) => text.replace(/"stages":\[.*\]/, '"stages":[]')),
      changed(bare, /^keys/, (text) => text.replace(/"version":1/, '"version":2')),
      changed(bare, /^keys/, (text) => text.replace(/"packages":\{[^}]*\},/, "")),
      changed(bare, /^keys/, (text) => text.replace(/"files":\{\}/, '"files":{"constructor":7}')),
      changed(full, /^run/, (text) => text.replace(/"outputs":\{"data":"[0-9a-f]{8}/, '"outputs":{"data":"00000000')),
      changed(bare, /^bundle/, (text) => text.replace('"results":[]', '"results":["../evil"]')),
      changed(bare, /^bundle/, (text) => text.replace(/"keys":\["[0-9a-f]{64}",/, '"keys":[')),
      archive(
        list.map((member) => (member.name === "pipeline.yaml" ? { ...member, name: "../pipeline.yaml" } : member)),
      ),
      archive(list.filter(({ name }) => name !== "pipeline.yaml")),
      archive([...list, { name: "extra", content: Buffer.from("x") }]),
    ];
    for (const one of bad) expect(await opening(one)).toMatch(/^bundle-refused /);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});
