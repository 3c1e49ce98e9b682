import { execFileSync } from "node:child_process";
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Pipeline, RunRecord } from "@seqloom/core";
import { compareRuns, openStore, readRun, runPipeline, writeRun } from "@seqloom/core/engine";
import { describe, expect, it } from "vitest";
import { loadFixtures, node, pipelineOf, temporaryFolder } from "../../support/pipeline.js";

const fixture = await loadFixtures(new URL("./fixtures/stages.mjs", import.meta.url));

function git(directory: string, ...args: string[]): string {
  const who = ["-c", "user.name=test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false"];
  return execFileSync("git", [...who, ...args], { cwd: directory, encoding: "utf8" }).trim();
}

/** A repository with one commit. */
function repository(): string {
  const folder = temporaryFolder();
  git(folder, "init", "-q", "-b", "trunk");
  writeFileSync(join(folder, "file.txt"), "one\n");
  git(folder, "add", ".");
  git(folder, "commit", "-q", "-m", "One");
  return folder;
}

const small = (directory: string, count = 4): Pipeline =>
  pipelineOf([node("rows", fixture("source"), { with: { count } })], { directory });

async function recordIn(directory: string, count?: number): Promise<RunRecord> {
  return runPipeline(small(directory, count), { store: openStore(temporaryFolder()) });
}

describe("the commit in a record", () => {
  it("is that of the repository of the pipeline, and says whether files differ from it", async () => {
    const folder = repository();
    const commit = git(folder, "rev-parse", "HEAD");
    const inner = join(folder, "pipelines");
    mkdirSync(inner);
    expect((await recordIn(inner)).git).toEqual({ commit, branch: "trunk", dirty: false });
    writeFileSync(join(folder, "file.txt"), "two\n");
    expect((await recordIn(inner)).git).toEqual({ commit, branch: "trunk", dirty: true });
  });

  it("is found where references are packed, where no branch is checked out, and in a linked work tree", async () => {
    const folder = repository();
    const commit = git(folder, "rev-parse", "HEAD");
    git(folder, "pack-refs", "--all");
    expect((await recordIn(folder)).git).toMatchObject({ commit, branch: "trunk" });
    const linked = join(temporaryFolder(), "linked");
    git(folder, "worktree", "add", "-q", "-b", "topic/one", linked);
    expect((await recordIn(linked)).git).toMatchObject({ commit, branch: "topic/one" });
    git(folder, "checkout", "-q", "--detach");
    expect((await recordIn(folder)).git).toMatchObject({ commit, branch: null });
  });

  it("is left out where there is none, and where a repository is damaged", async () => {
    expect((await recordIn(temporaryFolder())).git).toBeUndefined();
    const folder = repository();
    writeFileSync(join(folder, ".git/HEAD"), "ref: refs/../../../etc/passwd\n");
    expect((await recordIn(folder)).git).toBeUndefined();
    renameSync(join(folder, ".git"), join(folder, "gone"));
    writeFileSync(join(folder, ".git"), "gitdir: nowhere\n");
    expect((await recordIn(folder)).git).toBeUndefined();
  });

  it("is read without asking git when every stage is a hit", async () => {
    const folder = repository();
    const store = openStore(temporaryFolder());
    const first = await runPipeline(small(folder), { store });
    const second = await runPipeline(small(folder), { store });
    expect(first.git?.dirty).toBe(false);
    expect(second.git).toEqual({ commit: first.git?.commit, branch: "trunk" });
  });
});

describe("the stages of a record", () => {
  it("have when they began, how long they waited, and the memory of what computed them", async () => {
    const pipeline = pipelineOf([
      node("thread", fixture("busy"), { with: { ms: 60, salt: 1 } }),
      node("process", fixture("busy"), { with: { ms: 60, salt: 2 }, stage: { isolation: "process" } }),
      node("after", fixture("busy"), { with: { ms: 1, salt: 3 } }),
    ]);
    const store = openStore(temporaryFolder());
    const record = await runPipeline(pipeline, { store, concurrency: 1 });
    const [thread, child, after] = record.stages;
    for (const { startMs = -1, waitMs = -1, peakRss = 0 } of record.stages) {
      expect(startMs).toBeGreaterThanOrEqual(waitMs);
      expect(waitMs).toBeGreaterThanOrEqual(0);
      // No Node process has less than 10 MB, none of these has 4 GB.
      expect(peakRss).toBeGreaterThan(1e7);
      expect(peakRss).toBeLessThan(4e9);
    }
    // On one core, one after the other.
    expect(child.startMs).toBeGreaterThanOrEqual((thread.startMs ?? 0) + thread.ms);
    expect(child.waitMs).toBeGreaterThan(50);
    expect(after.startMs).toBeGreaterThanOrEqual((child.startMs ?? 0) + child.ms);

    const again = await runPipeline(pipeline, { store });
    expect(again.stages.every(({ startMs, peakRss }) => startMs !== undefined && peakRss === undefined)).toBe(true);
    expect(again.stages.map(({ key }) => key)).toEqual(record.stages.map(({ key }) => key));
  });

  it("have the memory of a stage that failed", async () => {
    const failing = node("bad", fixture("broken"), { with: { how: "throw" }, stage: { isolation: "process" } });
    const { stages } = await runPipeline(pipelineOf([failing]), { store: openStore(temporaryFolder()) });
    expect(stages[0].status).toBe("failed");
    expect(stages[0].peakRss).toBeGreaterThan(1e7);
  });
});

describe("a record", () => {
  it("holds the call without names, passwords and queries of addresses", async () => {
    const command = ["seqloom", "run", "a.yaml", "--remote=https://me:secret@host/x?token=secret", "s3://key@bucket/a"];
    const record = await runPipeline(small(temporaryFolder()), { store: openStore(temporaryFolder()), command });
    expect(record.command).toEqual(["seqloom", "run", "a.yaml", "--remote=https://host/x", "s3://bucket/a"]);
  });

  it("of an older version can be read, and compared with what both know", async () => {
    const store = openStore(temporaryFolder());
    const record = await runPipeline(small(repository()), { store, threads: 1 });
    const { git: _, command: __, ...rest } = record;
    const { threads, icu, unicode, system, memory, ...environment } = record.environment;
    const old: RunRecord = {
      ...rest,
      run: "01AAAAAAAAAAAAAAAAAAAAAAAA" as RunRecord["run"],
      environment: { ...environment, node: "20.0.0" },
      stages: record.stages.map(({ startMs, waitMs, peakRss, ...stage }) => stage),
    };
    writeRun(store, old);
    const read = readRun(store, old.run);
    expect(compareRuns(read, record, store).environment).toEqual([
      { name: "node", before: "20.0.0", after: process.versions.node },
    ]);
    expect(compareRuns(record, { ...record, environment: { ...record.environment, threads: 2 } }, store)).toMatchObject(
      { environment: [{ name: "threads", before: 1, after: 2 }] },
    );
  });
});
