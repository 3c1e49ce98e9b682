import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { folderWith, type Outcome, SMALL, seqloom, TRAINING } from "./support.js";

const shared = mkdtempSync(join(tmpdir(), "seqloom-shared-"));
afterAll(() => rmSync(shared, { recursive: true, force: true }));

/** A checkout of the training pipeline, with the shared folder in its project file. */
function checkout(more = ""): string {
  return folderWith({ "training.yaml": TRAINING, "seqloom.config.yaml": `cache:\n  remote: ${shared}\n${more}` });
}

interface Ran {
  readonly status: string;
  readonly stages: readonly {
    readonly name: string;
    readonly status: string;
    readonly from?: string;
    readonly outputs: Readonly<Record<string, string>>;
  }[];
  readonly remote: Readonly<Record<string, number | string>>;
  readonly metrics: unknown;
}

function run(cwd: string, env: Readonly<Record<string, string>> = {}): Outcome & { readonly ran: Ran } {
  const outcome = seqloom(["run", "training.yaml", "--json", "--no-report"], { cwd, env });
  return { ...outcome, ran: JSON.parse(outcome.out) as Ran };
}

const outputsOf = ({ ran }: { readonly ran: Ran }) => ran.stages.map(({ name, outputs }) => ({ name, outputs }));

/** Every blob of a store: path → bytes. */
function blobsOf(checkoutFolder: string): Map<string, Buffer> {
  const folder = join(checkoutFolder, ".seqloom/blobs");
  const files = readdirSync(folder, { withFileTypes: true, recursive: true }).filter((item) => item.isFile());
  return new Map(
    files.map(({ parentPath, name }) => [
      join(parentPath, name).slice(folder.length),
      readFileSync(join(parentPath, name)),
    ]),
  );
}

describe("two checkouts with one remote cache", () => {
  it("the second trains nothing and has identical bytes; a poisoned file is refused, and computed", () => {
    const first = checkout();
    const made = run(first, { SEQLOOM_CACHE_WRITE: "1" });
    expect(made.code).toBe(0);
    expect(made.ran.stages.every(({ status }) => status === "run")).toBe(true);
    expect(made.ran.remote).toMatchObject({ published: made.ran.stages.length, notPublished: 0 });

    const second = checkout();
    const taken = run(second);
    expect(taken.code).toBe(0);
    expect(taken.ran.stages.map(({ status, from }) => `${status} ${from}`)).toEqual(
      made.ran.stages.map(() => "hit remote"),
    );
    expect(outputsOf(taken)).toEqual(outputsOf(made));
    expect(taken.ran.metrics).toEqual(made.ran.metrics);
    expect(blobsOf(second)).toEqual(blobsOf(first));

    // Someone changes a byte of each file that the cache holds.
    for (const item of readdirSync(join(shared, "cas"), { withFileTypes: true, recursive: true })) {
      if (!item.isFile()) continue;
      const path = join(item.parentPath, item.name);
      const bytes = readFileSync(path);
      bytes[bytes.length >> 1] ^= 1;
      rmSync(path);
      writeFileSync(path, bytes);
    }
    const third = checkout();
    const wary = run(third);
    expect(wary.code).toBe(0);
    expect(wary.ran.stages.every(({ status }) => status === "run")).toBe(true);
    expect(wary.err).toContain("warning[remote-cache]");
    expect(wary.err).toContain("holds other bytes than its name says");
    expect(outputsOf(wary)).toEqual(outputsOf(made));
  });
});

describe("seqloom run with a remote cache", () => {
  it("says at its end what the cache did, and `--no-remote` leaves it alone", () => {
    const folder = folderWith({ "small.yaml": SMALL });
    const cache = folderWith({});
    const publish = seqloom(["run", "small.yaml", "--remote", cache], {
      cwd: folder,
      env: { SEQLOOM_CACHE_WRITE: "1" },
    });
    expect(publish.out).toMatch(/Remote {2}0 hits; 3 published, /);
    rmSync(join(folder, ".seqloom"), { recursive: true });
    const read = seqloom(["run", "small.yaml"], { cwd: folder, env: { SEQLOOM_CACHE_REMOTE: cache } });
    expect(read.out).toMatch(/Remote {2}3 hits, /);
    expect(read.err).toContain("from the remote cache in");
    rmSync(join(folder, ".seqloom"), { recursive: true });
    const alone = seqloom(["run", "small.yaml", "--no-remote"], { cwd: folder, env: { SEQLOOM_CACHE_REMOTE: cache } });
    expect(alone.out).not.toContain("Remote");
    const both = seqloom(["run", "small.yaml", "--no-remote", "--remote", cache], { cwd: folder });
    expect(both.code).toBe(2);
  });

  it("shows a mistake in seqloom.config.yaml with its line, before anything is computed", () => {
    const folder = folderWith({ "small.yaml": SMALL, "seqloom.config.yaml": "cache:\n  remot: /tmp/x\n" });
    const { code, err } = seqloom(["run", "small.yaml"], { cwd: folder });
    expect(code).toBe(1);
    expect(err).toContain("seqloom.config.yaml:2:3");
    expect(err).toContain('Did you mean "remote"?');
  });
});

describe("seqloom cache export and import", () => {
  it("carry the results of a run to another checkout; a bundle that was changed is refused", () => {
    const first = folderWith({ "small.yaml": SMALL });
    seqloom(["run", "small.yaml", "--no-report"], { cwd: first });
    const bundle = join(first, "results.tar");
    const written = seqloom(["cache", "export", bundle, "small.yaml"], { cwd: first });
    expect([written.code, written.out]).toEqual([0, expect.stringMatching(/results\.tar {2}3 results, /)]);
    const second = folderWith({ "small.yaml": SMALL });
    const taken = seqloom(["cache", "import", bundle, "small.yaml", "--json"], { cwd: second });
    expect(JSON.parse(taken.out)).toMatchObject({ results: 3, different: [] });
    expect(seqloom(["run", "small.yaml"], { cwd: second }).out).toContain("FULL CACHE");
    const bytes = readFileSync(bundle);
    bytes[bytes.length - 2000] ^= 1;
    writeFileSync(join(first, "changed.tar"), bytes);
    const third = folderWith({ "small.yaml": SMALL });
    const refused = seqloom(["cache", "import", join(first, "changed.tar"), "small.yaml"], { cwd: third });
    expect([refused.code, refused.err]).toEqual([1, expect.stringContaining("error[bundle-refused]")]);
    expect(seqloom(["cache", "export", bundle, "small.yaml"], { cwd: first }).code).toBe(1);
    expect(seqloom(["cache", "export", "x.tar", "small.yaml", "--stage", "nope"], { cwd: first }).code).toBe(2);
  });
});

describe("seqloom cache keygen", () => {
  it("prints the public key, keeps the private one for its owner, and replaces no key", () => {
    const folder = folderWith({});
    const { code, out } = seqloom(["cache", "keygen"], { cwd: folder });
    expect(code).toBe(0);
    expect(out).toMatch(/^ed25519:[A-Za-z0-9_-]{43}\n$/);
    const path = join(folder, "seqloom-cache.key");
    const secret = readFileSync(path, "utf8");
    expect(secret).toMatch(/^ed25519-private:/);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(out).not.toContain(secret.slice(16, 40));
    const again = seqloom(["cache", "keygen"], { cwd: folder });
    expect(again.code).toBe(2);
    expect(readFileSync(path, "utf8")).toBe(secret);
  });
});
