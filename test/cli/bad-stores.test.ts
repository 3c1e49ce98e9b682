import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmdirSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { filesUnder } from "../core/store/support.js";
import { BIN, folderWith, type Outcome, SMALL, seqloom, startSeqloom } from "./support.js";

const RUN = ["run", "small.yaml", "--json", "--no-report"];
const CLOCK = pathToFileURL(fileURLToPath(new URL("./fixtures/shift-clock.mjs", import.meta.url))).href;

const pipeline = () => folderWith({ "small.yaml": SMALL });
const told = ({ out }: Outcome) => JSON.parse(out);
const statuses = (outcome: Outcome): string =>
  told(outcome)
    .stages.map(({ status }: { status: string }) => status)
    .join(" ");
const outputs = (outcome: Outcome): object =>
  told(outcome).stages.map((stage: { name: string; outputs: object }) => [stage.name, stage.outputs]);
const codes = (outcome: Outcome): string[] => told(outcome).error.diagnostics.map(({ code }: { code: string }) => code);

/** What an undisturbed run gives. */
const expected = outputs(seqloom(RUN, { cwd: folderWith({ "small.yaml": SMALL }, true) }));

/** Mounts something for one test; null where this user may not. */
function mounted(...args: readonly string[]): string | null {
  const folder = mkdtempSync(join(tmpdir(), "seqloom-mount-"));
  if (spawnSync("mount", [...args, folder]).status !== 0) {
    rmdirSync(folder);
    return null;
  }
  return folder;
}

function unmount(folder: string): void {
  execFileSync("umount", [folder]);
  rmdirSync(folder);
}

const canMount = (() => {
  const folder = mounted("-t", "tmpfs", "tmpfs");
  if (folder !== null) unmount(folder);
  return folder !== null;
})();
const canBeNobody = process.getuid?.() === 0 && spawnSync("setpriv", ["--version"]).status === 0;

/** Runs the command as a user who owns nothing. */
function asNobody(args: readonly string[], cwd: string, home: string): Outcome {
  chmodSync(cwd, 0o755);
  const nobody = ["--reuid=65534", "--regid=65534", "--clear-groups", process.execPath, BIN];
  const { status, stdout, stderr } = spawnSync("setpriv", [...nobody, ...args], {
    cwd,
    env: { ...process.env, SEQLOOM_HOME: home },
    encoding: "utf8",
  });
  return { code: status, out: stdout, err: stderr };
}

describe.skipIf(!canMount)("a disk that is full", () => {
  it.each([0, 24, 96])("but for %d kB: says so or does without, and goes on when there is room", (kilobytes) => {
    const disk = mounted("-t", "tmpfs", "-o", "size=2m", "tmpfs") as string;
    onTestFinished(() => unmount(disk));
    const cwd = pipeline();
    const env = { SEQLOOM_HOME: join(disk, "store") };
    const { bavail, bsize } = statfsSync(disk);
    writeFileSync(join(disk, "filler"), Buffer.alloc(bavail * bsize - kilobytes * 1024));
    const first = seqloom(RUN, { cwd, env });
    if (kilobytes === 0) expect(first.code).toBe(1);
    if (first.code === 1) {
      expect(new Set(codes(first))).toEqual(new Set(["disk-full"]));
      expect(first.err).toContain("no space left on the disk");
    } else expect(outputs(first)).toEqual(expected);
    rmSync(join(disk, "filler"));
    const second = seqloom(RUN, { cwd, env });
    expect(outputs(second)).toEqual(expected);
    expect(seqloom(["cache", "verify", "--json"], { cwd, env }).code).toBe(0);
    expect(filesUnder(join(disk, "store")).filter((path) => path.startsWith("tmp/"))).toEqual([]);
    expect(filesUnder(cwd)).toEqual(["small.yaml"]);
  });
});

describe.skipIf(!canMount)("a store on a read-only file system", () => {
  it("gives its hits, and says why nothing else can be kept", () => {
    const cwd = pipeline();
    const disk = mounted("-t", "tmpfs", "tmpfs") as string;
    onTestFinished(() => unmount(disk));
    const env = { SEQLOOM_HOME: join(disk, "store") };
    seqloom(RUN, { cwd, env });
    const before = filesUnder(disk);
    execFileSync("mount", ["-o", "remount,ro", disk]);
    const hits = seqloom(RUN, { cwd, env });
    expect([hits.code, statuses(hits)]).toEqual([0, "hit hit hit"]);
    expect(seqloom(["cache", "verify"], { cwd, env }).code).toBe(0);
    const other = seqloom([...RUN, "--seed", "2"], { cwd, env });
    expect([other.code, codes(other)]).toEqual([1, ["store-not-writable"]]);
    expect(filesUnder(disk)).toEqual(before);
    expect(filesUnder(cwd)).toEqual(["small.yaml"]);
  });
});

describe.skipIf(!canBeNobody)("a store that belongs to someone else", () => {
  it.each([
    ["that may be read", 0o755, "hit hit hit"],
    ["that may not be read", 0o700, null],
  ])("%s: gives what it may, and says what it may not", (_, mode, hits) => {
    const cwd = pipeline();
    const home = join(cwd, ".seqloom");
    seqloom(RUN, { cwd });
    chmodSync(home, mode);
    const before = filesUnder(cwd);
    const first = asNobody(RUN, cwd, home);
    if (hits === null) expect([first.code, codes(first)]).toEqual([1, ["store-not-readable"]]);
    else expect([first.code, statuses(first)]).toEqual([0, hits]);
    const other = asNobody([...RUN, "--seed", "2"], cwd, home);
    expect([other.code, codes(other)]).toEqual([1, [hits === null ? "store-not-readable" : "store-not-writable"]]);
    expect(filesUnder(cwd)).toEqual(before);
  });

  it("of which single folders are closed: says so, and loses nothing", () => {
    const cwd = pipeline();
    const home = join(cwd, ".seqloom");
    seqloom(RUN, { cwd });
    execFileSync("chown", ["-R", "65534:65534", home]);
    for (const [folder, problem] of [
      ["blobs", "store-not-writable"],
      ["entries", "store-not-readable"],
      ["keys", "store-not-readable"],
      ["tmp", "store-not-writable"],
    ]) {
      execFileSync("chown", ["0:0", join(home, folder)]);
      chmodSync(join(home, folder), 0o700);
      const closed = asNobody([...RUN, "--seed", "2"], cwd, home);
      expect([folder, closed.code, codes(closed)]).toEqual([folder, 1, [problem]]);
      execFileSync("chown", ["65534:65534", join(home, folder)]);
      const open = asNobody(RUN, cwd, home);
      expect([folder, statuses(open)]).toEqual([folder, "hit hit hit"]);
      expect(outputs(open)).toEqual(expected);
    }
  }, 180_000);
});

describe("a folder that is no store for us", () => {
  it.each([["run"], ["plan"]])("of a newer format: %s refuses it and touches nothing", (command) => {
    const cwd = pipeline();
    mkdirSync(join(cwd, ".seqloom"));
    writeFileSync(join(cwd, ".seqloom", "format"), '{"store":99}\n');
    const refused = seqloom([command, "small.yaml", "--json"], { cwd });
    expect([refused.code, codes(refused)]).toEqual([1, ["store-too-new"]]);
    expect(filesUnder(cwd)).toEqual([".seqloom/format", "small.yaml"]);
  });

  it.skipIf(process.platform !== "linux").each(["/proc", "/proc/self", "/proc/seqloom/store", "/dev/null/store"])(
    "%s: is refused, at once",
    (home) => {
      const cwd = pipeline();
      const refused = seqloom(RUN, { cwd, env: { SEQLOOM_HOME: home } });
      expect(refused.code).toBe(1);
      expect(["store-not-writable", "store-not-a-folder"]).toContain(codes(refused)[0]);
      expect(filesUnder(cwd)).toEqual(["small.yaml"]);
    },
  );
});

describe("a clock that is wrong", () => {
  it("by weeks ahead, then back by more than a year: hits stay hits, edits are seen, nothing is collected too early", () => {
    const cwd = pipeline();
    const at = (days: number, ...args: readonly string[]) =>
      seqloom(args, { cwd, env: { NODE_OPTIONS: `--import=${CLOCK}`, SHIFT_DAYS: String(days) } });
    expect(statuses(at(40, ...RUN))).toBe("run run run");
    expect(statuses(at(-400, ...RUN))).toBe("hit hit hit");
    writeFileSync(join(cwd, "small.yaml"), SMALL.replace("rows: 40", "rows: 42"));
    expect(statuses(at(-401, ...RUN))).toBe("run run run");
    writeFileSync(join(cwd, "small.yaml"), SMALL);
    for (const days of [-402, 0, 40]) {
      const collected = at(days, "cache", "gc", "--max-size", "0", "--json");
      expect([collected.code, told(collected).evicted]).toEqual([0, []]);
      const again = at(days, ...RUN);
      expect(statuses(again)).toBe("hit hit hit");
      expect(outputs(again)).toEqual(expected);
    }
    expect(told(at(-403, "runs", "--json")).runs).toHaveLength(6);
  });
});

describe("two coordinators of one store with a remote cache", () => {
  it("compute every stage once, publish whole results, and a third store takes them", async () => {
    const cwd = pipeline();
    const remote = mkdtempSync(join(tmpdir(), "seqloom-shared-"));
    onTestFinished(() => rmSync(remote, { recursive: true, force: true }));
    const env = { SEQLOOM_CACHE_WRITE: "1" };
    const both = await Promise.all([1, 2].map(() => startSeqloom([...RUN, "--remote", remote], { cwd, env }).ended));
    for (const one of both) {
      expect(one.code).toBe(0);
      expect(outputs(one)).toEqual(expected);
    }
    const ran = both.flatMap((one) => statuses(one).split(" ")).filter((status) => status === "run");
    expect(ran).toHaveLength(3);
    const third = pipeline();
    const taken = seqloom([...RUN, "--remote", remote], { cwd: third });
    expect([statuses(taken), outputs(taken)]).toEqual(["hit hit hit", expected]);
    for (const folder of [cwd, third]) expect(seqloom(["cache", "verify"], { cwd: folder }).code).toBe(0);
  });
});
