import { execSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BIN, folderWith, SMALL, seqloom, TRAINING } from "./support.js";

let trained = "";

beforeAll(() => {
  trained = folderWith({ "pipeline.yaml": TRAINING }, true);
  const { code, err } = seqloom(["run", "pipeline.yaml", "--quiet"], { cwd: trained });
  if (code !== 0) throw new Error(err);
});
afterAll(() => rmSync(trained, { recursive: true, force: true }));

const inTrained = (args: readonly string[], input = "") => seqloom(args, { cwd: trained, input });
const lines = (text: string) =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

describe("seqloom predict", () => {
  it("prints an object per --text: the input, the label, a probability for each class", () => {
    const { code, out } = inTrained(["predict", "pipeline.yaml", "--json", "--text", "a fine film", "--text", "-x"]);
    expect(code).toBe(0);
    const [first, second] = lines(out);
    expect(first.input).toBe("a fine film");
    expect(Object.keys(first.probabilities)).toEqual(["negative", "positive"]);
    expect(first.probabilities.negative + first.probabilities.positive).toBeCloseTo(1, 5);
    expect(first.probabilities[first.label]).toBeGreaterThanOrEqual(0.5);
    expect(second.input).toBe("-x");
  });

  it("takes a line per input from a file or from standard input, with any line ends, empty ones too", () => {
    const text = "one film\r\n\ntwo films é 🎬\nlast without an end";
    writeFileSync(join(trained, "lines.txt"), text);
    const file = inTrained(["predict", "pipeline.yaml", "--json", "--file", "lines.txt"]);
    const stdin = inTrained(["predict", "pipeline.yaml", "--json"], text);
    expect(lines(file.out).map(({ input }) => input)).toEqual([
      "one film",
      "",
      "two films é 🎬",
      "last without an end",
    ]);
    expect(stdin.out).toBe(file.out);
  });

  it("gives the same for a text alone and among a thousand", () => {
    const many = Array.from({ length: 1000 }, (_, at) => `the film number ${at} was fine`);
    const all = lines(inTrained(["predict", "pipeline.yaml", "--json"], many.join("\n")).out);
    expect(all).toHaveLength(1000);
    const [alone] = lines(inTrained(["predict", "pipeline.yaml", "--json", "--text", many[777]]).out);
    expect(all[777].label).toBe(alone.label);
    expect(all[777].probabilities.positive).toBeCloseTo(alone.probabilities.positive, 5);
  });

  it("prints for people without --json", () => {
    const { out } = inTrained(["predict", "pipeline.yaml", "--text", "a fine film"]);
    expect(out).toMatch(/^(positive|negative) \d+\.\d % {2}\((positive|negative) \d+\.\d %\) {2}a fine film\n$/);
  });

  it("says how to train when the pipeline was not trained as it is now", () => {
    const { code, out } = inTrained(["predict", "pipeline.yaml", "--json", "--text", "x", "--set", "params.units=7"]);
    expect(code).toBe(1);
    expect(JSON.parse(out).error.diagnostics[0]).toMatchObject({ code: "not-trained" });
  });

  it("takes an empty text like any other", () => {
    for (const text of [["--text", ""], ["--text="]]) {
      const { code, out } = inTrained(["predict", "pipeline.yaml", "--json", ...text, "--text", "a fine film"]);
      expect(code).toBe(0);
      expect(lines(out).map(({ input }) => input)).toEqual(["", "a fine film"]);
    }
  });

  it("gives a hint for training that, obeyed, makes the same call predict", () => {
    const cwd = folderWith({ "the pipeline.yaml": TRAINING });
    const call = [
      ...["predict", "the pipeline.yaml", "--set", "params.units=3 # it's small"],
      ...["--set", "params.epochs=1", "--seed", "5", "--device", "simd", "--text", "fine"],
    ];
    const { code, err } = seqloom(call, { cwd });
    expect(code).toBe(1);
    const hint = /Run `seqloom (.*)` first\./.exec(err)?.[1];
    expect(hint).toBe(
      "run 'the pipeline.yaml' --set 'params.units=3 # it'\\''s small' --set params.epochs=1 --seed 5 --device simd",
    );
    execSync(`"${process.execPath}" "${BIN}" ${hint} --quiet --no-report`, { cwd });
    expect(seqloom(call, { cwd })).toMatchObject({ code: 0, out: expect.stringMatching(/^(positive|negative) /) });
  });

  it("says so when the file of inputs is not there", () => {
    const { code, err } = inTrained(["predict", "pipeline.yaml", "--file", "nothing.txt"]);
    expect(code).toBe(1);
    expect(err).toMatch(/cannot read nothing\.txt[\s\S]*one input per line/);
  });
});

describe("seqloom plan", () => {
  it("says what would run and why, and runs nothing", () => {
    const { code, out } = inTrained(["plan", "pipeline.yaml", "--set", "params.units=5"]);
    expect(code).toBe(0);
    expect(out).toContain("✓ padded   from cache\n● model    would run: with.layers[1].lstm.units 4 → 5\n");
    expect(out).toContain("? scores   may run: depends on the result of model\n");
    expect(out).toMatch(/5 from cache, saving .* · 1 to run · 1 to see\n$/);
    expect(inTrained(["plan", "pipeline.yaml", "--set", "params.units=5"]).out).toBe(out);
  });

  it("puts several reasons on a line each", () => {
    const settings = ["params.units=5", "params.epochs=3", "stages.model.with.batch_size=8"];
    const { out } = inTrained(["plan", "pipeline.yaml", ...settings.flatMap((one) => ["--set", one])]);
    const [, block] = /\n● model {4}would run:\n((?: {13}\S.*\n)+)/.exec(out) ?? [];
    expect(
      block
        ?.trimEnd()
        .split("\n")
        .map((line) => line.trim())
        .sort(),
    ).toEqual(["with.batch_size 32 → 8", "with.epochs 2 → 3", "with.layers[1].lstm.units 4 → 5"]);
  });

  it("prints the same as one object with --json", () => {
    const { out } = inTrained(["plan", "pipeline.yaml", "--json"]);
    const { schema, stages, totals } = JSON.parse(out);
    expect(schema).toBe("plan/1");
    expect(stages).toHaveLength(7);
    expect(stages[5]).toMatchObject({ name: "model", use: "models/train", status: "hit", reasons: [] });
    expect(totals).toMatchObject({ hit: 7, run: 0, unknown: 0, broken: 0, estimated_ms: 0 });
    expect(totals.saved_ms).toBeGreaterThan(0);
  });

  it("fails when a file cannot be read", () => {
    const yaml =
      "seqloom: 1\nstages:\n  rows: { use: data/load-csv, with: { files: no.csv, columns: { text: text } } }\n";
    const { code, out, err } = seqloom(["plan", "pipeline.yaml"], { cwd: folderWith({ "pipeline.yaml": yaml }) });
    expect(code).toBe(1);
    expect(out).toContain("✗ rows  cannot run");
    expect(err).toContain("no.csv");
  });
});

describe("seqloom graph", () => {
  it.each([
    ["mermaid", /^flowchart LR\n/],
    ["dot", /^digraph "training" \{\n/],
    ["svg", /^<svg class="graph"/],
  ])("draws %s", (format, beginning) => {
    expect(inTrained(["graph", "pipeline.yaml", "--format", format]).out).toMatch(beginning);
  });

  it("gives nodes and edges as JSON", () => {
    const { stages, edges } = JSON.parse(inTrained(["graph", "pipeline.yaml", "--format", "json"]).out);
    expect(stages).toHaveLength(7);
    expect(edges).toContainEqual({ from: { stage: "model", port: "data" }, to: { stage: "scores", port: "data" } });
  });

  it("writes a file in the form that its ending says", () => {
    const { code, out } = inTrained(["graph", "pipeline.yaml", "-o", "graph.svg", "--status"]);
    expect({ code, out }).toEqual({ code: 0, out: "" });
    expect(readFileSync(join(trained, "graph.svg"), "utf8")).toContain("stage hit");
  });

  it.each([
    ["graph.SVG", "<svg"],
    ["graph.md", "flowchart"],
    ["graph.gv", "digraph"],
  ])("knows what %s is", (name, beginning) => {
    expect(inTrained(["graph", "pipeline.yaml", "-o", name]).code).toBe(0);
    expect(readFileSync(join(trained, name), "utf8").startsWith(beginning)).toBe(true);
  });

  it("writes nothing where the ending says nothing, but any name with --format", () => {
    expect(inTrained(["graph", "pipeline.yaml", "-o", "graph.png"]).code).toBe(2);
    expect(existsSync(join(trained, "graph.png"))).toBe(false);
    expect(inTrained(["graph", "pipeline.yaml", "-o", "graph.txt", "--format", "dot"]).code).toBe(0);
    expect(readFileSync(join(trained, "graph.txt"), "utf8")).toMatch(/^digraph/);
  });

  it("says so when the file cannot be written", () => {
    const { code, err } = inTrained(["graph", "pipeline.yaml", "-o", "no/such/folder/graph.svg"]);
    expect(code).toBe(1);
    expect(err).toContain("cannot write no/such/folder/graph.svg");
  });
});

describe("seqloom runs", () => {
  it("lists runs, the newest first, with what they measured", () => {
    const { code, out } = inTrained(["runs", "pipeline.yaml"]);
    expect(code).toBe(0);
    expect(out).toMatch(
      /^Run +Pipeline +Status .*Accuracy\n[0-9A-Z]{26} +training +succeeded .* 0 hit, 7 ran {2}scores 0\.\d{4}\n$/,
    );
    const { runs } = JSON.parse(inTrained(["runs", "--json"]).out);
    expect(runs[0]).toMatchObject({ pipeline: "training", status: "succeeded", stages: { run: 7 } });
  });

  it("shows one by its id, by the beginning of it, or as the latest", () => {
    const [{ run }] = JSON.parse(inTrained(["runs", "--json"]).out).runs;
    const whole = inTrained(["runs", "show", run, "pipeline.yaml"]);
    expect(whole.code).toBe(0);
    expect(whole.out).toContain("● model models/train ran ");
    expect(inTrained(["runs", "show", run.slice(0, 12)]).out).toBe(whole.out);
    expect(inTrained(["runs", "show", "latest"]).out).toBe(whole.out);
    expect(JSON.parse(inTrained(["runs", "show", run, "--json"]).out)).toMatchObject({ run, status: "succeeded" });
  });

  it("lists every reason of every stage of the run that it shows", () => {
    expect(inTrained(["runs", "show", "latest"]).out).toMatch(/● model models\/train ran .*\n {4}never run before\n/);
  });

  it.each([
    ["runs", "pipelin.yaml"],
    ["runs", "show", "latest", "pipelin.yaml"],
  ])("does not take a file that is not there for one that never ran: %j", (...args) => {
    const { code, out, err } = inTrained(args);
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err).toMatch(/there is no file pipelin\.yaml[\s\S]*Did you mean pipeline\.yaml\?/);
  });

  it("says so when there are none, and when one is not known", () => {
    const cwd = folderWith({ "pipeline.yaml": SMALL });
    expect(seqloom(["runs"], { cwd })).toMatchObject({ code: 0, out: "", err: expect.stringContaining("no runs") });
    expect(seqloom(["runs", "show", "latest"], { cwd })).toMatchObject({ code: 1 });
    expect(seqloom(["runs", "show", "../../etc/passwd"], { cwd })).toMatchObject({ code: 1 });
  });
});

describe("seqloom stages", () => {
  it("lists all stages by area", () => {
    const { out } = seqloom(["stages"]);
    expect(out).toMatch(
      /^audio\n {2}audio\/[\s\S]*\n\ndata\n {2}data\/[\s\S]*\n\nmodels\n[\s\S]*\n\ntext\n[\s\S]*text\/tokenize +Splits/,
    );
    const { stages } = JSON.parse(seqloom(["stages", "--json"]).out);
    expect(stages).toContainEqual(expect.objectContaining({ id: "text/tokenize", kind: "map" }));
  });

  it("shows ports, parameters with types and defaults, and examples of one", () => {
    const { out } = seqloom(["stages", "text/pad"]);
    expect(out).toMatch(/^text\/pad version \d+, map\n/);
    for (const heading of ["Inputs", "Outputs", "Parameters", "Example"]) expect(out).toContain(`\n${heading}\n`);
    expect(out).toMatch(/\n {2}length +whole number/);
  });

  it("shows what is inside a parameter: the keys of a mapping, every layer with what it takes", () => {
    const { out } = seqloom(["stages", "models/train"]);
    expect(out).toMatch(
      /\n {2}early_stopping {2,}\{ monitor, patience, min_delta \} or null, .*\n.*\n(?: {4}.*\n)* {4}patience /,
    );
    expect(out).toMatch(
      /\nlayers {2}one of these[\s\S]*\n {2}lstm\n(?: {4}.*\n)* {4}return_sequences +true or false, default false/,
    );
    expect(out).toMatch(
      /\noptimizer {2}one of these[\s\S]*\n {2}adam\n {4}learning_rate +number > 0 or learning_rate \(see below\)/,
    );
    // Used by every layer, explained once.
    expect(out.match(/^initializer {2}one of these/gm)).toHaveLength(1);
    expect(out).not.toContain("…");
  });

  it("explains a mapping that several parameters take where it comes first", () => {
    const { out } = seqloom(["stages", "data/load-csv"]);
    expect(out.match(/^ +sha256 /gm)).toHaveLength(1);
    expect(out).toMatch(/\n {4}from +text/);
  });

  it("gives the schema of one as JSON", () => {
    const { params } = JSON.parse(seqloom(["stages", "text/pad", "--json"]).out);
    expect(params).toMatchObject({ type: "object", additionalProperties: false });
  });
});
