import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Key } from "@seqloom/core";
import { DiagnosticError } from "@seqloom/core";
import { exportBundle, importBundle } from "@seqloom/core/bundle";
import { openStore, runPipeline, type Store } from "@seqloom/core/engine";
import { createSigningKeys, openSigner, Trust } from "@seqloom/core/remote";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { memberHeader } from "../../../packages/core/dist/bundle/layout.js";
import { temporaryFolder } from "../../support/pipeline.js";
import { filesIn, smallPipeline } from "../remote/support.js";
import { archive, type Member, membersOf } from "./support.js";

const anyone = new Trust([]);
let made: { readonly store: Store; readonly keys: readonly Key[]; readonly bundle: Buffer };

let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "seqloom-bundle-"));
  const store = openStore(join(folder, "store"));
  const record = await runPipeline(smallPipeline(), { store });
  const keys = record.stages.map(({ key }) => key!);
  await exportBundle(store, keys, join(folder, "a.tar"));
  made = { store, keys, bundle: readFileSync(join(folder, "a.tar")) };
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What importing these bytes says, and what the store holds then. */
async function importing(bytes: Buffer, trust = anyone): Promise<string> {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "b.tar"), bytes);
  const store = openStore(join(folder, "store"));
  const said = await importBundle(store, join(folder, "b.tar"), trust).then(
    ({ results }) => `${results} results`,
    (error: unknown) => {
      if (error instanceof DiagnosticError)
        return error.diagnostics.map(({ code, message }) => `${code} ${message}`).join("\n");
      throw error;
    },
  );
  const kept = filesIn(store.directory).filter((path) =>
    /^.(blobs|entries|keys|tmp)/.test(path.slice(store.directory.length)),
  );
  if (!said.endsWith("results")) expect(kept).toEqual([]);
  expect(existsSync("/tmp/seqloom-evil")).toBe(false);
  return said;
}

describe("a bundle", () => {
  it("carries results from store to store: a run there computes nothing", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "b.tar"), made.bundle);
    const store = openStore(join(folder, "store"));
    expect(await importBundle(store, join(folder, "b.tar"), anyone)).toMatchObject({ results: 4, different: [] });
    const record = await runPipeline(smallPipeline(), { store });
    expect(record.stages.map(({ status }) => status)).toEqual(["hit", "hit", "hit", "hit"]);
    // What came out of a bundle makes the same bundle.
    await exportBundle(store, record.stages.map(({ key }) => key!).reverse(), join(folder, "again.tar"));
    expect(readFileSync(join(folder, "again.tar")).equals(made.bundle)).toBe(true);
  });

  it("is an archive that tar can list", () => {
    const { stdout, status } = spawnSync("tar", ["-tf", "-"], { input: made.bundle, encoding: "utf8" });
    expect(status).toBe(0);
    expect(stdout.trim().split("\n")).toEqual(membersOf(made.bundle).map(({ name }) => name));
    expect(archive(membersOf(made.bundle)).equals(made.bundle)).toBe(true);
  });

  it("is signed, and refused where another key is trusted", async () => {
    const [mine, other] = [createSigningKeys(), createSigningKeys()];
    const path = join(temporaryFolder(), "signed.tar");
    await exportBundle(made.store, made.keys, path, openSigner(mine.privateKey, "KEY"));
    const bytes = readFileSync(path);
    expect(await importing(bytes, new Trust([mine.publicKey]))).toBe("4 results");
    expect(await importing(bytes, new Trust([other.publicKey]))).toContain("is signed by a key that is not trusted");
    expect(await importing(made.bundle, new Trust([mine.publicKey]))).toContain("is not signed");
  });

  it("replaces no file, and says which result is missing", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "there.tar"), "precious");
    await expect(exportBundle(made.store, made.keys, join(folder, "there.tar"))).rejects.toThrow("is there already");
    expect(readFileSync(join(folder, "there.tar"), "utf8")).toBe("precious");
    await expect(exportBundle(made.store, ["0".repeat(64) as Key], join(folder, "x.tar"))).rejects.toThrow(
      "no whole result",
    );
    expect(existsSync(join(folder, "x.tar"))).toBe(false);
  });
});

describe("a hostile bundle is refused, and nothing of it is kept", () => {
  it("whatever byte of it is changed", { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(made.bundle.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const bytes = Buffer.from(made.bundle);
        bytes[at] ^= change;
        const said = await importing(bytes);
        // What people are told beside the result (times, previews) is vouched for by a signature only.
        if (said.endsWith("results")) expect(isTold(at)).toBe(true);
        else expect(said).toMatch(/^bundle-refused /);
      }),
      { numRuns: 60, seed: 7 },
    );
  });

  it("wherever it is cut off, and whatever is added to it", async () => {
    const lengths = [
      0,
      1,
      511,
      512,
      513,
      1000,
      made.bundle.length - 1024,
      made.bundle.length - 512,
      made.bundle.length - 1,
    ];
    for (const length of lengths) expect(await importing(made.bundle.subarray(0, length))).toContain("bundle-refused");
    expect(await importing(Buffer.concat([made.bundle, Buffer.alloc(512)]))).toContain("bundle-refused");
  });

  it("with paths, links, members twice or out of order, sizes that lie, keys that are traps", async () => {
    const list = membersOf(made.bundle);
    const last = list.length - 1;
    const named = (name: string) => list.map((member, at) => (at === last ? { ...member, name } : member));
    const typed = (type: string, target = "") => {
      const header = memberHeader(list[last].name, list[last].content.length);
      header.write(type, 156, "latin1");
      header.write(target, 157, "latin1");
      header.write("        ", 148, "latin1");
      header.write(
        `${header
          .reduce((sum, byte) => sum + byte, 0)
          .toString(8)
          .padStart(6, "0")}\0 `,
        148,
        "latin1",
      );
      return list.map((member, at) => (at === last ? { ...member, header } : member));
    };
    const json = (at: number, change: (text: string) => string) =>
      list.map((member, i) =>
        i === at ? { ...member, content: Buffer.from(change(member.content.toString())) } : member,
      );
    const huge = list.map((member, at) =>
      at === last ? { ...member, header: memberHeader(member.name, 8 ** 11 - 1) } : member,
    );
    const bad: readonly (readonly Member[])[] = [
      named("files/../../../../tmp/seqloom-evil"),
      named("/tmp/seqloom-evil"),
      named("files/x\u0000y"),
      typed("1", "/etc/passwd"),
      typed("2", "/tmp/seqloom-evil"),
      typed("5"),
      typed("x"),
      huge,
      [...list, list[last]],
      [...list.slice(0, last), list[last], { name: "extra", content: Buffer.from("x") }],
      list.slice(0, last),
      list.toReversed(),
      [list[0], list[2], list[1], ...list.slice(3)],
      json(0, (text) => text.replace('"results":[', '"results":["../../../tmp/seqloom-evil",')),
      json(0, (text) => text.replace(/("[0-9a-f]{64}"),/, "$1,$1,")),
      json(0, (text) => text.replace("{", '{"__proto__":{"polluted":1},')),
      json(0, () => "[".repeat(100_000)),
      json(1, (text) => text.replace(/"size":\d+/, '"size":99999999999')),
      json(1, (text) => text.replace(/"name":"[^"]+"/, '"name":"../../evil"')),
    ];
    for (const one of bad) expect(await importing(archive(one))).toMatch(/^bundle-refused /);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});

/** Whether a byte belongs to the text of a result, outside of what its key and its digests vouch for. */
function isTold(at: number): boolean {
  let begin = 0;
  for (const { name, content } of membersOf(made.bundle)) {
    begin += 512;
    if (at < begin) return false;
    if (at < begin + content.length) return name.startsWith("results/");
    begin += Math.ceil(content.length / 512) * 512;
  }
  return false;
}
