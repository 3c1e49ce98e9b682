import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readNewest, type StoredCheckpoint, writeCheckpoint } from "../../../packages/core/src/checkpoints/folder.js";
import { temporaryFolder } from "../../support/pipeline.js";

const KEY = "a".repeat(64);
const bytes = (text: string) => new TextEncoder().encode(text);

function checkpoint(step: number): StoredCheckpoint {
  const told = { epochs: [{ epoch: 1, metrics: { loss: 0.5 }, ms: 3 }], ms: 12.5, epochMs: 0 };
  return { step, at: `epoch ${step}`, told, files: [{ name: "state.bin", bytes: bytes(`state ${step}`) }] };
}

/** A folder with the checkpoints of these steps, and what reading it gives. */
async function folderWith(...steps: number[]) {
  const home = temporaryFolder();
  const folder = join(home, "checkpoints", KEY);
  for (const step of steps) await writeCheckpoint(folder, KEY, checkpoint(step), join(home, `staging-${step}`));
  const damaged: number[] = [];
  const newest = async (key = KEY) => (await readNewest(folder, key, (step) => damaged.push(step)))?.step ?? null;
  const path = (step: number, name: string) => join(folder, String(step).padStart(15, "0"), name);
  return { home, folder, damaged, newest, path };
}

describe("the checkpoints of a key", () => {
  it("give back what was kept, the newest first, and only two are left", async () => {
    const { folder, home, newest } = await folderWith(9, 10, 11);
    expect(await newest()).toBe(11);
    const found = (await readNewest(folder, KEY, () => {})) as StoredCheckpoint;
    expect({ ...found, files: found.files.map(({ name, bytes: own }) => [name, Buffer.from(own).toString()]) }).toEqual(
      {
        ...checkpoint(11),
        files: [["state.bin", "state 11"]],
      },
    );
    expect(readdirSync(folder).map(Number).sort()).toEqual([10, 11]);
    expect(readdirSync(home)).toEqual(["checkpoints"]);
  });

  it.each<readonly [string, (path: string) => void]>([
    ["state.bin", (path) => writeFileSync(path, "state 3!")],
    ["state.bin", (path) => truncateSync(path, 3)],
    ["state.bin", (path) => rmSync(path)],
    ["checkpoint.json", (path) => rmSync(path)],
    ["checkpoint.json", (path) => truncateSync(path, 100)],
    ["checkpoint.json", (path) => writeFileSync(path, readFileSync(path, "utf8").replace("epoch 3", "epoch 4"))],
    ["checkpoint.json", (path) => writeFileSync(path, "null\nnull")],
  ])("pass over one whose %s was damaged, for the one before (%#)", async (name, damage) => {
    const { damaged, newest, path } = await folderWith(2, 3);
    damage(path(3, name));
    expect(await newest()).toBe(2);
    expect(damaged).toEqual([3]);
    expect(await newest()).toBe(2);
    expect(damaged).toEqual([3]);
  });

  it("are none where all are damaged, of another key, under another's step, or half-written", async () => {
    const { folder, newest, path } = await folderWith(1);
    expect(await newest("b".repeat(64))).toBe(null);
    const other = await folderWith(1, 2);
    renameSync(join(other.folder, String(2).padStart(15, "0")), join(other.folder, String(7).padStart(15, "0")));
    expect(await other.newest()).toBe(1);
    mkdirSync(path(5, ""), { recursive: true });
    writeFileSync(path(5, "state.bin"), "state");
    writeFileSync(join(folder, "note.txt"), "no checkpoint");
    expect(await newest()).toBe(null);
    expect(await (await folderWith()).newest()).toBe(null);
  });

  it("do not mind another process that keeps the same ones", async () => {
    const { home, folder, newest } = await folderWith(1, 2);
    await writeCheckpoint(folder, KEY, checkpoint(2), join(home, "again"));
    expect(await newest()).toBe(2);
    expect(readdirSync(home)).toEqual(["checkpoints"]);
  });

  it.each(["../outside", "a/b", ".hidden", "checkpoint.json", ""])("take no file that is called %j", async (name) => {
    const { home, folder } = await folderWith();
    const files = [{ name, bytes: bytes("x") }];
    await expect(writeCheckpoint(folder, KEY, { ...checkpoint(1), files }, join(home, "s"))).rejects.toThrow("name");
    expect(readdirSync(home)).toEqual([]);
  });
});
