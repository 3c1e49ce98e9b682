import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DiagnosticError } from "@seqloom/core";
import { openStore } from "@seqloom/core/engine";
import { createSigningKeys, openRemoteCache } from "@seqloom/core/remote";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../../support/pipeline.js";

/** The address that is used, and whether it may be written, for a file in the folder above and an environment. */
async function opened(file: string | null, environment: Readonly<Record<string, string>> = {}, address?: string) {
  const folder = temporaryFolder();
  const directory = join(folder, "pipelines");
  mkdirSync(directory);
  if (file !== null) writeFileSync(join(folder, "seqloom.config.yaml"), file);
  const store = openStore(join(directory, ".seqloom"));
  const remote = await openRemoteCache(store, { directory, address, environment });
  const summary = (await remote?.close(new AbortController().signal))?.summary;
  return summary?.remote.replace(folder, "FOLDER") ?? null;
}

/** What is said when that fails, with its place. */
async function said(file: string | null, environment: Readonly<Record<string, string>> = {}, address?: string) {
  const error = await opened(file, environment, address).then(
    () => null,
    (failure: unknown) => failure,
  );
  if (!(error instanceof DiagnosticError)) throw new Error("it was fine");
  return error.diagnostics.map(({ code, at, message }) => `${code} ${at?.line ?? ""} ${message}`).join("\n");
}

describe("where the remote cache is", () => {
  it("the call says it before the environment, and that before the nearest seqloom.config.yaml", async () => {
    const file = "cache:\n  remote: https://file.example\n";
    expect(await opened(null)).toBeNull();
    expect(await opened("")).toBeNull();
    expect(await opened(file)).toBe("https://file.example");
    expect(await opened(file, { SEQLOOM_CACHE_REMOTE: "https://env.example/a/" })).toBe("https://env.example/a");
    expect(await opened(file, { SEQLOOM_CACHE_REMOTE: "https://env.example" }, "https://call.example")).toBe(
      "https://call.example",
    );
  });

  it("a path in the file is relative to the file; folders also have file: addresses", async () => {
    expect(await opened("cache: { remote: ../shared }")).toMatch(/shared$/);
    expect(await opened("cache: { remote: shared }")).toBe("FOLDER/shared");
    expect(await opened("cache: { remote: file:///mnt/cache }")).toBe("/mnt/cache");
  });

  it("a bucket needs its credentials in variables", async () => {
    const file = "cache: { remote: s3://bucket/team/a, s3: { access_key_env: ID, secret_key_env: SECRET } }";
    expect(await opened(file, { ID: "id", SECRET: "secret" })).toBe("s3://bucket/team/a");
    expect(await said(file, { ID: "id" })).toBe(
      "remote-credentials  the variable SECRET is not set, which a bucket needs",
    );
  });
});

describe("settings that are wrong are told before anything is computed", () => {
  it("secrets in addresses", async () => {
    for (const address of ["https://user:pw@host/", "https://host/?token=abc", "https://host/#abc"]) {
      const text = await said(null, {}, address);
      expect(text).toContain("holds a name, a password or a query");
      expect(text).not.toMatch(/pw|abc/);
    }
  });

  it("a file with a key that is not known, a token instead of a name, a variable that is not ours", async () => {
    expect(await said("cache:\n  remot: x\n")).toMatch(/^unknown-key 2 /);
    expect(await said("cache:\n  token_env: abc-123\n")).toContain("must be the name of an environment variable");
    expect(await said("cache:\n  token_env: AWS_SECRET_ACCESS_KEY\n")).toContain("begins with SEQLOOM_");
    expect(await said("cache:\n  mode: write\n")).toContain("read-write");
    expect(await said("cache: [\n")).toMatch(/^yaml-/);
    const bomb = [
      "a: &a [x, x]",
      ...Array.from({ length: 12 }, (_, i) => `b${i}: &b${i} [${`*${i ? `b${i - 1}` : "a"},`.repeat(9)}]`),
    ];
    expect(await said(`${bomb.join("\n")}\n`)).toMatch(/^yaml-alias/);
    expect(await said("cache:\n  __proto__: { remote: x }\n")).not.toBe("");
  });

  it("addresses, keys and switches of no form", async () => {
    expect(await said(null, {}, "ftp://host")).toContain("is no address of a remote cache");
    expect(await said(null, {}, "s3://Bad_Bucket/x")).toContain("is no address of a bucket");
    expect(await said(null, { SEQLOOM_CACHE_TRUST: "ed25519:short" }, "https://host")).toContain("is no public key");
    const { publicKey } = createSigningKeys();
    const signing = { SEQLOOM_CACHE_WRITE: "1", SEQLOOM_CACHE_SIGNING_KEY: publicKey };
    expect(await said(null, signing, "https://host")).toContain("holds no private key");
    expect(await said(null, { SEQLOOM_CACHE_WRITE: "yes" }, "https://host")).toContain("expected 0 or 1");
    expect(await said(null, { SEQLOOM_CACHE_TOKEN: "a b" }, "https://host")).toContain("holds a space");
  });
});
