import { chmodSync, mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { commit, lastKeys, openStore, recentKeys, rememberLast, storeDirectory } from "@seqloom/core/engine";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../../support/pipeline.js";
import { diagnosticsIn } from "../keys/support.js";
import { blobOf, filesUnder, keyNamed, recordOf, stage, systemError, watchedFs } from "./support.js";

const key = keyNamed("a");

/** A store with one result, of two files. */
function filledStore() {
  const store = openStore(join(temporaryFolder(), ".seqloom"));
  const staging = store.begin();
  commit(store, staging, stage(staging, "a", { "one.txt": "first", "two.txt": "second" }));
  return store;
}

describe("the place of the store", () => {
  it("is beside the pipeline, or where SEQLOOM_HOME says", () => {
    expect(storeDirectory("/pipelines", {})).toBe("/pipelines/.seqloom");
    expect(storeDirectory("/pipelines", { SEQLOOM_HOME: "" })).toBe("/pipelines/.seqloom");
    expect(storeDirectory("/pipelines", { SEQLOOM_HOME: "/big/disk" })).toBe("/big/disk");
  });

  it("is not made by reading", () => {
    const folder = temporaryFolder();
    expect(openStore(join(folder, "store")).lookup(key)).toEqual({ hit: false, reason: null });
    expect(filesUnder(folder)).toEqual([]);
  });

  it("is passed over by Git and by backups", () => {
    const { directory } = filledStore();
    expect(readFileSync(join(directory, ".gitignore"), "utf8")).toBe("*\n");
    expect(readFileSync(join(directory, "CACHEDIR.TAG"), "utf8")).toContain("8a477f597d28d172789f06886806bc55");
  });

  it("is refused when a newer version made it", () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "format"), '{"store":2}');
    expect(diagnosticsIn(() => openStore(folder))[0]).toMatchObject({
      code: "store-too-new",
      message: `the store "${folder}" has format 2; this version of Seqloom knows 1`,
    });
  });

  it("is refused when it does not say what it is", () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "format"), "null");
    expect(diagnosticsIn(() => openStore(folder))[0].code).toBe("store-damaged");
  });

  it("is refused when it is a file", () => {
    const file = join(temporaryFolder(), "file");
    writeFileSync(file, "");
    expect(diagnosticsIn(() => openStore(file))[0].code).toBe("store-not-a-folder");
  });
});

describe("looking a result up", () => {
  it("finds what was committed, with how long it took", () => {
    const found = filledStore().lookup(key);
    expect(found).toMatchObject({ hit: true, entry: { key, computeMs: 12, epochs: [] } });
  });

  it("keeps blobs read-only, under their digests", () => {
    const store = filledStore();
    expect(readFileSync(blobOf(store, "first"), "utf8")).toBe("first");
    expect(statSync(blobOf(store, "first")).mode & 0o777).toBe(0o444);
  });

  it.each<[string, (blob: string) => void, string]>([
    ["is missing", (blob) => rmSync(blob), "is missing"],
    ["is cut short", (blob) => rewrite(blob, "fi"), "has 2 bytes where 5 were stored"],
    ["is empty, as after a power cut", (blob) => rewrite(blob, ""), "has 0 bytes where 5 were stored"],
    ["is too long", (blob) => rewrite(blob, "first!"), "has 6 bytes where 5 were stored"],
  ])("misses, and says why, when a file %s", (_, damage, problem) => {
    const store = filledStore();
    damage(blobOf(store, "first"));
    const reason = { kind: "entry-incomplete", file: "text/one.txt", problem };
    expect(store.lookup(key)).toEqual({ hit: false, reason });
    // The broken entry is out of the way, so that the next look tells the same story in fewer words.
    expect(store.lookup(key)).toEqual({ hit: false, reason: { kind: "entry-evicted", at: null } });
    expect(filesUnder(join(store.directory, "quarantine"))).toHaveLength(1);
  });

  it.each([
    ["", "empty"],
    ['{"schema":"entry/1"', "cut"],
    ["null", "null"],
    ['{"schema":"entry/9"}', "of another schema"],
    [`{"schema":"entry/1","key":"${"0".repeat(64)}","outputs":{},"computeMs":1,"epochs":[]}`, "of another key"],
    [
      `{"schema":"entry/1","key":"${key}","computeMs":1,"epochs":[],"outputs":{"text":{"artifact":"text","codec":"c","digest":"${"a".repeat(64)}","files":[{"name":"x","digest":"../../../../etc/passwd","size":1}]}}}`,
      "with a digest that is a path",
    ],
  ])("misses when the manifest is %j: %s", (text) => {
    const store = filledStore();
    writeFileSync(store.entryPath(key), text);
    expect(store.lookup(key)).toMatchObject({ hit: false, reason: { kind: "entry-incomplete", file: "its manifest" } });
  });

  it("tells a result that was evicted from one that never was", () => {
    const store = filledStore();
    rmSync(store.entryPath(key));
    expect(store.lookup(key)).toEqual({ hit: false, reason: { kind: "entry-evicted", at: null } });
    expect(store.lookup(keyNamed("b"))).toEqual({ hit: false, reason: null });
  });

  it("misses on a broken entry in a store that cannot be written, too", () => {
    const store = filledStore();
    rmSync(blobOf(store, "first"));
    const readOnly = openStore(
      store.directory,
      watchedFs(() => {
        throw systemError("EROFS");
      }),
    );
    expect(readOnly.lookup(key)).toMatchObject({ hit: false, reason: { kind: "entry-incomplete" } });
    expect(readOnly.lookup(key)).toMatchObject({ hit: false, reason: { kind: "entry-incomplete" } });
  });
});

describe("what a key was made of", () => {
  it("is kept, and stays when the result is gone", () => {
    const store = filledStore();
    rmSync(store.entryPath(key));
    expect(store.storedKey(key)).toEqual({ record: recordOf("a"), files: {} });
    expect(store.storedKey(keyNamed("b"))).toBeNull();
  });

  it("counts as unknown when its file is damaged", () => {
    const store = filledStore();
    writeFileSync(store.keyPath(key), "{");
    expect(store.storedKey(key)).toBeNull();
  });
});

describe("the history of keys", () => {
  it("remembers the last key of each stage of a pipeline, and leaves other stages and pipelines alone", () => {
    const store = openStore(temporaryFolder());
    rememberLast(store, "p", { one: keyNamed("1"), two: keyNamed("2") });
    rememberLast(store, "q", { one: keyNamed("3") });
    rememberLast(store, "p", { two: keyNamed("4") });
    expect(lastKeys(store, "p")).toEqual({ one: keyNamed("1"), two: keyNamed("4") });
    expect(lastKeys(store, "q")).toEqual({ one: keyNamed("3") });
  });

  it("writes nothing when there is nothing new", () => {
    const { directory } = filledStore();
    const store = openStore(directory);
    rememberLast(store, "p", { one: key });
    const readOnly = openStore(
      directory,
      watchedFs((_, call) => expect.unreachable(`${call} was called`)),
    );
    rememberLast(readOnly, "p", { one: key });
    expect(lastKeys(readOnly, "p")).toEqual({ one: key });
  });

  it("gives the newest keys of a stage id first, each once", () => {
    const store = openStore(temporaryFolder());
    for (const name of ["a", "b", "a"]) {
      const staging = store.begin();
      commit(store, staging, stage(staging, name, { "x.txt": name }));
    }
    expect(recentKeys(store, "test/stage")).toEqual([keyNamed("a"), keyNamed("b")]);
    expect(recentKeys(store, "test/other")).toEqual([]);
  });

  it("is empty when its files are damaged or gone", () => {
    const store = filledStore();
    rememberLast(store, "p", { one: key });
    for (const file of filesUnder(join(store.directory, "index"))) {
      writeFileSync(join(store.directory, "index", file), "\u0000garbage");
    }
    expect(lastKeys(store, "p")).toEqual({});
    expect(recentKeys(store, "test/stage")).toEqual([]);
  });
});

describe("staging folders", () => {
  const staged = (store: { directory: string }) => filesUnder(join(store.directory, "tmp"));

  it("of this process stay while it lives", () => {
    const store = openStore(temporaryFolder());
    writeFileSync(join(store.begin(), "x"), "");
    openStore(store.directory).begin();
    expect(staged(store)).toHaveLength(1);
  });

  it("of a process that is gone are swept: by its number, by its start, by the boot of the machine", () => {
    const store = openStore(temporaryFolder());
    const mine = store.begin().split("/").at(-1) ?? "";
    const [machine, boot, pid, start, chance] = mine.split(".");
    const dead = [
      [machine, boot, "4194303", start, chance],
      [machine, boot, pid, `${start}1`, "b"],
      [machine, "00000000", pid, start, "c"],
    ].map((parts) => parts.join("."));
    for (const name of [mine, ...dead]) {
      mkdirSync(join(store.directory, "tmp", name), { recursive: true });
      writeFileSync(join(store.directory, "tmp", name, "x"), hostname());
    }
    openStore(store.directory).begin();
    expect(staged(store)).toEqual([`${mine}/x`]);
  });

  it("of another machine are swept only when they are a week old", () => {
    const store = openStore(temporaryFolder());
    store.begin();
    for (const [name, days] of [
      ["deadbeef.0.1.0.young", 6],
      ["deadbeef.0.1.0.old", 8],
    ] as const) {
      const folder = join(store.directory, "tmp", name);
      mkdirSync(folder);
      writeFileSync(join(folder, "x"), "");
      const time = Date.now() / 1000 - days * 24 * 3600;
      utimesSync(folder, time, time);
    }
    openStore(store.directory).begin();
    expect(staged(store)).toEqual(["deadbeef.0.1.0.young/x"]);
  });
});

function rewrite(path: string, content: string): void {
  chmodSync(path, 0o644);
  writeFileSync(path, content);
}
