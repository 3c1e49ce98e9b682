import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DiagnosticError } from "@seqloom/core";
import { commit, openStore, type StoreFs } from "@seqloom/core/engine";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../../support/pipeline.js";
import { diagnosticsIn } from "../keys/support.js";
import { blobOf, filesUnder, keyNamed, stage, systemError, watchedFs } from "./support.js";

const CONTENTS = { "one.txt": "first", "two.txt": "second" };
const key = keyNamed("a");

/** What every store must be, whatever happened to it: an entry has all of its blobs, and blobs are what they are called. */
function expectSound(directory: string): void {
  const files = filesUnder(directory);
  for (const file of files.filter((name) => name.startsWith("blobs/"))) {
    const content = readFileSync(join(directory, file), "utf8");
    expect(["first", "second"]).toContain(content);
    expect(join(directory, file)).toBe(blobOf(openStore(directory), content));
  }
  if (files.some((name) => name.startsWith("entries/"))) {
    expect(openStore(directory).lookup(key).hit).toBe(true);
  }
}

/** How many calls a commit into an empty store makes: from the staging folder to the last. */
function callsOfCommit(): readonly (keyof StoreFs)[] {
  const calls: (keyof StoreFs)[] = [];
  const directory = mkdtempSync(join(tmpdir(), "seqloom-calls-"));
  const store = openStore(
    directory,
    watchedFs((_, call) => void calls.push(call)),
  );
  const staging = store.begin();
  calls.length = 0;
  commit(store, staging, stage(staging, "a", CONTENTS));
  rmSync(directory, { recursive: true });
  return calls;
}

const CALLS = callsOfCommit();

describe("a commit that fails", () => {
  it("has calls to fail at, the link of the entry among the last", () => {
    expect(CALLS.length).toBeGreaterThan(12);
    expect(CALLS.filter((call) => call === "link").length).toBeGreaterThan(0);
  });

  describe.each([
    ["ENOSPC", "disk-full"],
    ["EDQUOT", "disk-full"],
    ["EACCES", "store-not-writable"],
    ["EROFS", "store-not-writable"],
    ["EIO", "disk-error"],
    ["EMFILE", "too-many-open-files"],
  ])("with %s", (code, diagnostic) => {
    it.each(CALLS.map((call, at) => [at, call] as const))("at call %i, %s: leaves nothing half-written", (at) => {
      const directory = temporaryFolder();
      let left = Number.POSITIVE_INFINITY;
      const store = openStore(
        directory,
        watchedFs(() => {
          if (left-- === 0) throw systemError(code);
        }),
      );
      const staging = store.begin();
      const result = stage(staging, "a", CONTENTS);
      left = at;
      let thrown: unknown;
      try {
        commit(store, staging, result);
      } catch (error) {
        thrown = error;
      }
      const afterwards = openStore(directory);
      if (thrown === undefined) {
        expect(afterwards.lookup(key).hit).toBe(true);
      } else {
        expect(thrown).toBeInstanceOf(DiagnosticError);
        expect((thrown as DiagnosticError).diagnostics.map((one) => one.code)).toEqual([diagnostic]);
        expect(afterwards.lookup(key).hit).toBe(false);
        expect(filesUnder(join(directory, "tmp"))).toEqual([]);
      }
      expectSound(directory);
      const again = afterwards.begin();
      commit(afterwards, again, stage(again, "a", CONTENTS));
      expect(afterwards.lookup(key).hit).toBe(true);
    });
  });

  it("says what to do when the disk is full", () => {
    const directory = temporaryFolder();
    const store = openStore(
      directory,
      watchedFs(() => {
        throw systemError("ENOSPC");
      }),
    );
    expect(diagnosticsIn(() => store.begin())).toEqual([
      {
        code: "disk-full",
        severity: "error",
        message: `no space left on the disk that holds the store "${directory}"`,
        hint: "Free some space, or set SEQLOOM_HOME to a folder on a larger disk. Nothing was half-written: run again to go on.",
        details: "ENOSPC: as the test wants",
      },
    ]);
  });
});

describe("a process that is killed while it commits", () => {
  it.each(CALLS.map((call, at) => [at, call] as const))("at call %i, %s: the next run is right", (at) => {
    const directory = temporaryFolder();
    const script = new URL("./fixtures/commit-and-die.mjs", import.meta.url);
    const { signal } = spawnSync(process.execPath, [script.pathname, directory, String(at)]);
    expect(signal).toBe("SIGKILL");
    expectSound(directory);
    const store = openStore(directory);
    const staging = store.begin();
    // What the dead process left in its staging folder is gone.
    expect(filesUnder(join(directory, "tmp"))).toEqual([]);
    const { different } = commit(store, staging, stage(staging, "a", CONTENTS));
    expect(different).toEqual([]);
    expect(store.lookup(key).hit).toBe(true);
    expectSound(directory);
  });
});

describe("two commits of the same key", () => {
  it("keep the first result, and tell on which ports the second differs", () => {
    const store = openStore(temporaryFolder());
    const [first, second] = [store.begin(), store.begin()];
    const results = [stage(first, "a", { "x.txt": "one" }), stage(second, "a", { "x.txt": "two" })];
    expect(commit(store, first, results[0]).different).toEqual([]);
    const { entry, different } = commit(store, second, results[1]);
    expect(different).toEqual(["text"]);
    expect(entry.outputs).toEqual(results[0].outputs);
    expect(store.lookup(key)).toMatchObject({ hit: true, entry: { outputs: results[0].outputs } });
  });

  it("keep the second when it is forced", () => {
    const store = openStore(temporaryFolder());
    for (const content of ["one", "two"]) {
      const staging = store.begin();
      const result = stage(staging, "a", { "x.txt": content });
      expect(commit(store, staging, result, true).entry.outputs).toEqual(result.outputs);
    }
    const found = store.lookup(key);
    expect(found.hit && found.entry.outputs.text.files[0].size).toBe(3);
  });

  it("mend an entry of which a file is gone, and a file that was damaged without a change of size", () => {
    const store = openStore(temporaryFolder());
    const once = () => {
      const staging = store.begin();
      return commit(store, staging, stage(staging, "a", CONTENTS));
    };
    once();
    rmSync(blobOf(store, "first"));
    expect(once().different).toEqual([]);
    expect(store.lookup(key).hit).toBe(true);
    chmodSync(blobOf(store, "second"), 0o644);
    writeFileSync(blobOf(store, "second"), "sec0nd");
    once();
    expect(readFileSync(blobOf(store, "second"), "utf8")).toBe("second");
  });

  it("leave no staging folder", () => {
    const store = openStore(temporaryFolder());
    for (const content of ["one", "two"]) {
      const staging = store.begin();
      commit(store, staging, stage(staging, "a", { "x.txt": content }));
      expect(() => statSync(staging)).toThrow("ENOENT");
    }
  });
});

describe("a file system without hard links", () => {
  it.each(["EPERM", "ENOTSUP", "ENOSYS", "EMLINK"])("that answers %s gets its entries by renaming", (code) => {
    const store = openStore(
      temporaryFolder(),
      watchedFs((_, call) => {
        if (call === "link") throw systemError(code);
      }),
    );
    const staging = store.begin();
    const result = stage(staging, "a", CONTENTS);
    commit(store, staging, result);
    expect(store.lookup(key)).toMatchObject({ hit: true, entry: { outputs: result.outputs } });
    const again = store.begin();
    expect(commit(store, again, stage(again, "a", { "x.txt": "other" })).entry.outputs).toEqual(result.outputs);
  });
});

describe("processes that race", () => {
  it("all succeed, and leave one entry per key and nothing else", () => {
    const directory = temporaryFolder();
    const script = new URL("./fixtures/race.mjs", import.meta.url);
    const { status, stderr } = spawnSync(process.execPath, [script.pathname, directory, "2", "1000"], {
      encoding: "utf8",
    });
    expect(stderr).toBe("");
    expect(status).toBe(0);
    const files = filesUnder(directory);
    expect(files.filter((file) => file.startsWith("entries/"))).toHaveLength(1000);
    expect(files.filter((file) => file.startsWith("tmp/"))).toEqual([]);
    const store = openStore(directory);
    for (let i = 0; i < 1000; i++) expect(store.lookup(keyNamed(String(i))).hit).toBe(true);
  });
});
