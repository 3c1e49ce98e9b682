import { mkdirSync, readFileSync, renameSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FileMemo, hashFile } from "@seqloom/core";
import { describe, expect, it } from "vitest";
import { folderWith, nextTick, sha256 } from "./support.js";

/** A digest that no file has, put into a stored memo to see whether the memo is trusted or the file is read. */
const FALSE = "f".repeat(64);

async function memoOf(folder: string, name: string): Promise<string> {
  const path = join(folder, "memo.json");
  const memo = FileMemo.load(path);
  await memo.digest(join(folder, name));
  memo.save();
  return path;
}

function falsify(path: string): void {
  writeFileSync(path, readFileSync(path, "utf8").replace(/[0-9a-f]{64}/g, FALSE));
}

describe("hashFile", () => {
  it("gives the SHA-256 of files of any size, also of more than one piece", async () => {
    for (const size of [0, 1, 1 << 20, (1 << 20) + 1, 3_500_000]) {
      const content = Buffer.alloc(size, "seqloom");
      const folder = folderWith({ file: content });
      expect(await hashFile(join(folder, "file"))).toBe(sha256(content));
    }
  });

  it("stops when it is aborted", async () => {
    const folder = folderWith({ file: "x" });
    const reason = new Error("stop");
    await expect(hashFile(join(folder, "file"), AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});

describe("FileMemo", () => {
  it("does not read a file again that did not change", async () => {
    const folder = folderWith({ a: "content" });
    await nextTick();
    const path = await memoOf(folder, "a");
    falsify(path);
    expect(await FileMemo.load(path).digest(join(folder, "a"))).toBe(FALSE);
  });

  it("reads a file again after a change that keeps its size and its modification time", async () => {
    const folder = folderWith({ a: "content" });
    const file = join(folder, "a");
    await nextTick();
    const path = await memoOf(folder, "a");
    const { atime, mtime } = statSync(file);
    writeFileSync(file, "CONTENT");
    utimesSync(file, atime, mtime);
    expect(await FileMemo.load(path).digest(file)).toBe(sha256("CONTENT"));
  });

  it("reads a file again that another one took the place of", async () => {
    const folder = folderWith({ a: "content", b: "CONTENT" });
    await nextTick();
    const path = await memoOf(folder, "a");
    renameSync(join(folder, "b"), join(folder, "a"));
    expect(await FileMemo.load(path).digest(join(folder, "a"))).toBe(sha256("CONTENT"));
  });

  it("does not trust what it hashed in the tick in which the file was written", async () => {
    const folder = folderWith({ a: "content" });
    const file = join(folder, "a");
    const soon = Date.now() / 1000 + 60;
    utimesSync(file, soon, soon);
    await nextTick();
    const path = join(folder, "memo.json");
    const memo = FileMemo.load(path);
    expect(await memo.digest(file)).toBe(sha256("content"));
    memo.save();
    expect(statSync(path, { throwIfNoEntry: false })).toBeUndefined();
  });

  it("keeps what another process wrote meanwhile", async () => {
    const folder = folderWith({ a: "1", b: "2" });
    const path = join(folder, "memo.json");
    await nextTick();
    const [first, second] = [FileMemo.load(path), FileMemo.load(path)];
    await first.digest(join(folder, "a"));
    await second.digest(join(folder, "b"));
    first.save();
    second.save();
    expect(Object.keys(JSON.parse(readFileSync(path, "utf8")).files)).toHaveLength(2);
  });

  it.each(["", "{", "null", '{"format":2,"files":{}}'])("starts anew where the stored memo is %j", async (stored) => {
    const folder = folderWith({ a: "content", "memo.json": stored });
    expect(await FileMemo.load(join(folder, "memo.json")).digest(join(folder, "a"))).toBe(sha256("content"));
  });

  it("refuses with the system's error what cannot be read", async () => {
    const folder = folderWith();
    mkdirSync(join(folder, "d"));
    await expect(FileMemo.inMemory().digest(join(folder, "no"))).rejects.toMatchObject({ code: "ENOENT" });
    await expect(FileMemo.inMemory().digest(join(folder, "d"))).rejects.toMatchObject({ code: "EISDIR" });
  });
});
