import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { folderWith, seqloom, startSeqloom } from "./support.js";

const READING = `seqloom: 1
name: reading
seed: 1
stages:
  rows: { use: data/load-lines, with: { files: { train: lines.txt } } }
  clean: { use: text/normalise, in: rows }
  tokens: { use: text/tokenize, in: clean }
`;

/** A watch that is ended with the test, and what it has said since it was last asked. */
function watching(cwd: string, ...flags: string[]) {
  const { child, ended } = startSeqloom(["watch", "pipeline.yaml", "--no-report", ...flags], { cwd, group: true });
  onTestFinished(() => {
    if (child.exitCode === null && child.signalCode === null) process.kill(-(child.pid as number), "SIGKILL");
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      said += chunk;
    });
  }
  const next = async (text: string): Promise<string> => {
    for (;;) {
      const at = said.indexOf(text);
      if (at >= 0) {
        const before = said.slice(0, at + text.length);
        said = said.slice(at + text.length);
        return before;
      }
      if (child.exitCode !== null) throw new Error(`it ended before it said "${text}":\n${said}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  return { child, ended, next };
}

const WAITS = "Watching for changes.";

/** As editors do: another file takes the place of the old one. */
function save(path: string, text: string): void {
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}

describe("seqloom watch", () => {
  it("runs again what an edit of the file or of its data affects, and survives a broken file", async () => {
    const cwd = folderWith({ "pipeline.yaml": READING, "lines.txt": "one\ntwo\n" });
    const file = join(cwd, "pipeline.yaml");
    const { child, ended, next } = watching(cwd);
    expect(await next(WAITS)).toContain("3 ran");

    save(
      file,
      READING.replace("tokens: { use: text/tokenize,", "tokens: { use: text/tokenize, with: { kind: characters },"),
    );
    const edited = await next(WAITS);
    expect(edited).toContain("pipeline.yaml changed.");
    expect(edited).toContain("2 from cache");
    expect(edited).toContain("1 ran");

    appendFileSync(join(cwd, "lines.txt"), "three\n");
    const data = await next(WAITS);
    expect(data).toContain("lines.txt changed.");
    expect(data).toContain("3 ran");

    save(file, READING.replace("text/normalise", "text/normalize"));
    expect(await next(WAITS)).toContain('Did you mean "text/normalise"?');

    save(file, READING);
    expect(await next(WAITS)).toMatch(/1 ran|2 ran/);

    child.kill("SIGTERM");
    expect((await ended).code).toBe(143);
  });

  it("stops a run that an edit overtakes, and ends with Ctrl-C, the run too", async () => {
    const long = READING.replace(
      "data/load-lines, with: { files: { train: lines.txt } }",
      "data/generate-reviews, with: { rows: 400 }",
    )
      .concat("  ids: { use: text/encode, in: tokens }\n  padded: { use: text/pad, in: ids, with: { length: 12 } }\n")
      .concat(
        "  model: { use: models/train, in: padded, with: { epochs: 100000, layers: [{ embedding: { units: 4 } }, ",
      )
      .concat("{ lstm: { units: 4 } }, { dense: { units: 2, activation: softmax } }] } }\n");
    const cwd = folderWith({ "pipeline.yaml": long });
    const { child, ended, next } = watching(cwd);
    await next("model epoch 2/");
    save(join(cwd, "pipeline.yaml"), long.replace("units: 4 } }, {", "units: 5 } }, {"));
    await next("pipeline.yaml changed.");
    await next("model epoch 2/");
    process.kill(-(child.pid as number), "SIGINT");
    expect((await ended).code).toBe(130);
    expect(() => process.kill(-(child.pid as number), 0)).toThrow("ESRCH");
  });

  it("is what run --watch does, and no flag goes with it that makes sense only once", () => {
    const cwd = folderWith({ "pipeline.yaml": READING, "lines.txt": "one\n" });
    const { code, err } = seqloom(["run", "pipeline.yaml", "--watch", "--force"], { cwd });
    expect(code).toBe(2);
    expect(err).toContain("--watch and --force do not go together");
  });

  it("names the last good report when a run fails", async () => {
    const cwd = folderWith({ "pipeline.yaml": READING, "lines.txt": "one\n" });
    const { child, next } = watching(cwd);
    await next(WAITS);
    child.kill("SIGTERM");
    const second = startSeqloom(["run", "pipeline.yaml", "--watch"], { cwd, group: true });

    await second.until(WAITS);
    save(join(cwd, "pipeline.yaml"), "seqloom: 1\nstages: [\n");
    await second.until("The last good report");
    second.child.kill("SIGTERM");
    const { err } = await second.ended;
    const [, path] = /The last good report {2}(\S+)/.exec(err) ?? [];
    expect(existsSync(join(cwd, path))).toBe(true);
    expect(readFileSync(join(cwd, path), "utf8")).toContain("reading");
  });
});
