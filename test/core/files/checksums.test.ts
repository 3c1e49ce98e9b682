import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { DiagnosticError } from "@seqloom/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FileMemo, planFiles, resolveFiles } from "../../../packages/core/dist/files/index.js";

let folder: string;
let source: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "seqloom-checksums-"));
  source = `${pathToFileURL(join(folder, "far"))}/`;
  mkdirSync(join(folder, "far"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

function list(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, "far", name), text);
  const lines = Object.entries(files).map(([name, text]) => `${sha256(text)}  ${name}\n`);
  writeFileSync(join(folder, "list.sha256"), lines.join(""));
}

const groups = () => ({ files: [{ url: source, checksums: "list.sha256" }] });

function resolveAll() {
  const { signal } = new AbortController();
  return resolveFiles(groups(), {
    directory: folder,
    mirrors: [],
    downloads: join(folder, "cache"),
    signal,
    retryDelays: [],
  });
}

describe("a list of checksums", () => {
  it("names many files below one URL, in its order, by their names in it", async () => {
    list({ "b 1.txt": "one", "a.txt": "two" });
    const planned = await planFiles(groups(), { directory: folder, memo: FileMemo.inMemory() });
    expect(planned.files).toEqual([
      { name: "b 1.txt", digest: sha256("one") },
      { name: "a.txt", digest: sha256("two") },
    ]);
    const resolved = await resolveAll();
    expect(resolved.files.map(({ name, path }) => [name, readFileSync(path, "utf8")])).toEqual([
      ["b 1.txt", "one"],
      ["a.txt", "two"],
    ]);
  });

  it("refuses content that is not what the list says", async () => {
    list({ "a.txt": "one" });
    writeFileSync(join(folder, "far", "a.txt"), "changed");
    await expect(resolveAll()).rejects.toMatchObject({ diagnostics: [{ code: "sha256-mismatch" }] });
  });

  it("gives up after a few downloads that fail, however long the list", async () => {
    const digests = Array.from({ length: 500 }, (_, i) => `${sha256(String(i))}  ${i}.wav\n`);
    writeFileSync(join(folder, "list.sha256"), digests.join(""));
    const error = await resolveAll().then(
      () => null,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(DiagnosticError);
    expect((error as DiagnosticError).diagnostics.length).toBeLessThan(20);
  });

  it.each([
    ["not a checksum\n", 'line 1: no digest and name of a file: "not a checksum"'],
    [`${"0".repeat(64)}  ../outside\n`, 'line 1: no digest and name of a file: "../outside"'],
    ["# nothing\n", "names no files"],
  ])("says which line it cannot read: %j", async (text, message) => {
    writeFileSync(join(folder, "list.sha256"), text);
    await expect(resolveAll()).rejects.toMatchObject({
      diagnostics: [{ code: "checksums-line", message: expect.stringContaining(message) }],
    });
  });
});
