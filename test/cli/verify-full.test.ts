import { chmodSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RunRecord } from "@seqloom/core";
import { openStore, readRun } from "@seqloom/core/engine";
import { describe, expect, it } from "vitest";
import { run } from "../../packages/cli/dist/api.js";
import { folderWith, SMALL, seqloom } from "./support.js";

interface Ran {
  readonly run: string;
  readonly stages: readonly {
    readonly name: string;
    readonly status: string;
    readonly reasons: readonly string[];
    readonly outputs: object;
  }[];
}

const files = { "small.yaml": SMALL };
const runJson = (cwd: string, ...flags: string[]): Ran =>
  JSON.parse(seqloom(["run", "small.yaml", "--json", "--no-report", ...flags], { cwd }).out);
const statuses = ({ stages }: Pick<RunRecord, "stages"> | Ran) => stages.map(({ status }) => status).join(" ");
const outputs = ({ stages }: Ran) => stages.map((stage) => stage.outputs);

/** Flips one bit of what a stage gave: its size, and that of everything else, stays. */
function flip(cwd: string, { run: id }: Ran, stage: string): string {
  const store = openStore(join(cwd, ".seqloom"));
  const result = readRun(store, id).stages.find(({ name }) => name === stage);
  const path = store.blobPath(Object.values(result?.outputs ?? {})[0].files[0].digest);
  const bytes = readFileSync(path);
  bytes[bytes.length >> 1] ^= 1;
  chmodSync(path, 0o644);
  writeFileSync(path, bytes);
  return path;
}

describe("run --verify full", () => {
  it("finds a flipped bit that sizes do not show, sets the file aside and makes it again: the same digests", () => {
    const cwd = folderWith(files);
    const first = runJson(cwd);
    const path = flip(cwd, first, "tokens");
    const damaged = readFileSync(path);
    expect(statuses(runJson(cwd, "--verify", "size"))).toBe("hit hit hit");
    expect(readFileSync(path)).toEqual(damaged);

    const mended = runJson(cwd, "--verify", "full");
    expect(statuses(mended)).toBe("hit hit run");
    expect(mended.stages[2].reasons.join()).toContain("has other content than was stored");
    expect(outputs(mended)).toEqual(outputs(first));
    expect(readFileSync(path)).not.toEqual(damaged);
    expect(readdirSync(join(cwd, ".seqloom", "quarantine")).filter((name) => name.endsWith(".blob"))).toHaveLength(1);
    expect(statuses(runJson(cwd, "--verify=full"))).toBe("hit hit hit");
  });

  it("makes a damaged result in the middle again, and takes what comes after it, whose bytes are sound", async () => {
    const cwd = folderWith(files);
    flip(cwd, runJson(cwd), "reviews");
    expect(statuses(await run(join(cwd, "small.yaml"), { verify: "full" }))).toBe("run hit hit");
  });

  it("with --frozen fails when what it must not make is damaged", () => {
    const cwd = folderWith(files);
    flip(cwd, runJson(cwd), "clean");
    const { code, err } = seqloom(["run", "small.yaml", "--verify=full", "--frozen"], { cwd });
    expect(code).toBe(1);
    expect(err).toContain('"clean"');
    expect(err).toContain("has other content than was stored");
  });

  it("takes no damaged chunk of an earlier result", () => {
    const csv = `text\n${Array.from({ length: 150_000 }, (_, i) => `${i} a row of some words and number ${i * 7}\n`).join("")}`;
    const file = (rows: string) => writeFileSync(join(cwd, "rows.csv"), rows);
    const cwd = folderWith({
      "small.yaml":
        "seqloom: 1\nname: chunks\nstages:\n  rows: { use: data/load-csv, with: { files: rows.csv, columns: { text: text } } }\n",
    });
    file(csv);
    flip(cwd, runJson(cwd), "rows");
    expect(readdirSync(join(cwd, ".seqloom", "blobs", "sha256")).length).toBeGreaterThan(1);
    file(`${csv}one more\n`);
    const grown = runJson(cwd, "--verify", "full");
    const store = join(cwd, "other");
    const afresh = seqloom(["run", "small.yaml", "--json", "--no-report"], { cwd, env: { SEQLOOM_HOME: store } });
    expect(outputs(grown)).toEqual(outputs(JSON.parse(afresh.out)));
    expect(seqloom(["cache", "verify"], { cwd })).toMatchObject({ code: 0 });
  });

  it("is one of two words, and not for --dry", () => {
    const cwd = folderWith(files);
    const wrong = seqloom(["run", "small.yaml", "--verify", "ful"], { cwd });
    expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining('--verify is "ful"')]);
    expect(wrong.err).toContain("full");
    expect(seqloom(["run", "small.yaml", "--verify", "full", "--dry"], { cwd }).code).toBe(2);
  });
});
