import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { filesUnder } from "../core/store/support.js";
import { folderWith, seqloom, startSeqloom, TRAINING } from "./support.js";

/** Many short epochs, so that much is left after each; with every kind of randomness. */
const EPOCHS = 24;
const PIPELINE = TRAINING.replace("rows: 120", "rows: 250")
  .replace('lstm: { units: "${params.units}" }', "lstm: { units: 12, dropout: 0.2, recurrent_dropout: 0.2 }")
  .replace("epochs: 2", `epochs: ${EPOCHS}`);

type Stage = { readonly name: string; readonly outputs: object; readonly resumed?: string; readonly status: string };

/** The digests of all results. */
function digests(out: string): object {
  const { stages } = JSON.parse(out) as { readonly stages: readonly Stage[] };
  return Object.fromEntries(stages.map(({ name, outputs }) => [name, outputs]));
}

const model = (out: string): Stage => JSON.parse(out).stages.find(({ name }: Stage) => name === "model");

let expected: object;
beforeAll(() => {
  const cwd = folderWith({ "pipeline.yaml": PIPELINE }, true);
  const { out, code } = seqloom(["run", "pipeline.yaml", "--json", "--no-report", "--checkpoints=off"], { cwd });
  expect(code).toBe(0);
  expect(existsSync(join(cwd, ".seqloom", "checkpoints"))).toBe(false);
  expected = digests(out);
});

/** Starts a run, waits until it says this, and hits its whole process group with a signal. */
async function interruptAt(cwd: string, text: string | RegExp, signal: NodeJS.Signals, flags: readonly string[] = []) {
  for (;;) {
    const { child, ended, until } = startSeqloom(["run", "pipeline.yaml", ...flags], { cwd, group: true });
    await until(text);
    // On a busy machine it may have come to its end before this process was heard: then it was not interrupted.
    if (child.exitCode === null) process.kill(-(child.pid as number), signal);
    const outcome = await ended;
    if (outcome.code !== 0) return outcome;
    rmSync(join(cwd, ".seqloom"), { recursive: true });
  }
}

const checkpoints = (cwd: string) => filesUnder(join(cwd, ".seqloom", "checkpoints"));

describe("a training that was killed", () => {
  it.each([2, 6])("in or after epoch %d goes on in the next run, to the same bytes", async (epoch) => {
    const cwd = folderWith({ "pipeline.yaml": PIPELINE });
    await interruptAt(cwd, `model epoch ${epoch}/${EPOCHS}`, "SIGKILL", ["--checkpoints=always"]);
    const { out, err, code } = seqloom(["run", "pipeline.yaml", "--json"], { cwd });
    expect(code).toBe(0);
    expect(model(out).resumed).toMatch(/^epoch \d+$/);
    expect(err).toContain(`model resumed from ${model(out).resumed}`);
    expect(digests(out)).toEqual(expected);
    expect(checkpoints(cwd)).toEqual([]);
    const { run, report } = JSON.parse(out);
    const events = readFileSync(join(cwd, ".seqloom", "runs", run, "events.ndjson"), "utf8");
    expect(events).toContain('"type":"stage-resumed","stage":"model"');
    expect(readFileSync(report, "utf8")).toContain(`resumed from ${model(out).resumed}`);
    // The epochs of both runs are in the record.
    const record = JSON.parse(readFileSync(join(cwd, ".seqloom", "runs", run, "run.json"), "utf8"));
    const { epochs } = record.stages.find(({ name }: Stage) => name === "model");
    expect(epochs.map((one: { epoch: number }) => one.epoch)).toEqual(Array.from({ length: EPOCHS }, (_, i) => i + 1));
  });

  it("again and again gets there, to the same bytes", async () => {
    const cwd = folderWith({ "pipeline.yaml": PIPELINE });
    // After the first epoch of each, whichever that is.
    for (let kill = 0; kill < 3; kill++) {
      await interruptAt(cwd, /model epoch \d+\//, "SIGKILL", ["--checkpoints=always"]);
    }
    const { out } = seqloom(["run", "pipeline.yaml", "--json", "--no-report"], { cwd });
    expect(digests(out)).toEqual(expected);
  });

  it("passes a damaged checkpoint over, and goes on from the one before", async () => {
    const cwd = folderWith({ "pipeline.yaml": PIPELINE });
    await interruptAt(cwd, `model epoch 5/${EPOCHS}`, "SIGKILL", ["--checkpoints=always"]);
    const files = checkpoints(cwd).filter((path) => path.endsWith(".safetensors"));
    // Or three, when it was killed between writing the newest and removing the oldest.
    expect(files.length).toBeGreaterThan(1);
    const newest = join(cwd, ".seqloom", "checkpoints", files.sort().at(-1) as string);
    const bytes = readFileSync(newest);
    bytes[bytes.length >> 1] ^= 1;
    writeFileSync(newest, bytes);
    const { out, err } = seqloom(["run", "pipeline.yaml", "--json", "--no-report"], { cwd });
    expect(err).toContain("is damaged, so it is passed over");
    expect(model(out).resumed).toBeDefined();
    expect(digests(out)).toEqual(expected);
  });

  it("begins at the beginning when it is forced, or its key is another", async () => {
    const cwd = folderWith({ "pipeline.yaml": PIPELINE });
    await interruptAt(cwd, `model epoch 2/${EPOCHS}`, "SIGKILL", ["--checkpoints=always"]);
    const other = seqloom(["run", "pipeline.yaml", "--json", "--no-report", "--set", "seed=2"], { cwd });
    expect(model(other.out)).toMatchObject({ status: "run" });
    expect(model(other.out).resumed).toBeUndefined();
    expect(checkpoints(cwd)).not.toEqual([]);
    const { out } = seqloom(["run", "pipeline.yaml", "--json", "--no-report", "--force=model"], { cwd });
    expect(model(out).resumed).toBeUndefined();
    expect(digests(out)).toEqual(expected);
  });
});

describe("a training that Ctrl-C stopped", () => {
  it("keeps where it was, whatever the clock says of checkpoints, and goes on from there", async () => {
    const cwd = folderWith({ "pipeline.yaml": PIPELINE.replace(`epochs: ${EPOCHS}`, "epochs: 60") });
    const { code, err } = await interruptAt(cwd, "model epoch 3/60", "SIGINT");
    expect(code).toBe(130);
    expect(err).toMatch(/model .*goes on from epoch \d/);
    expect(readdirSync(join(cwd, ".seqloom", "tmp"))).toEqual([]);
    const resumed = seqloom(["run", "pipeline.yaml", "--json", "--no-report"], { cwd });
    expect(model(resumed.out).resumed).toMatch(/^epoch \d/);
    const anew = seqloom(["run", "pipeline.yaml", "--json", "--no-report", "--force=model"], { cwd });
    expect(model(anew.out).resumed).toBeUndefined();
    expect(digests(anew.out)).toEqual(digests(resumed.out));
  });
});
