import { compileText } from "@seqloom/core/yaml";
import { describe, expect, it } from "vitest";
import { probes, registryOf } from "../../support/registry.js";

const registry = registryOf(probes);
const good = `seqloom: 1
seed: 5
params: { length: 8 }
stages:
  rows: { use: probe/source }
  tokens: { use: probe/words, in: rows }
  ids: { use: probe/encode, in: tokens }
  padded:
    use: probe/pad
    in: { data: ids.data }
    with: { length: "\${params.length}" }
  model: { use: probe/model, in: padded }
`;

const compileIt = (text: string, set = {}) => compileText(text, "/p/reviews.yaml", registry, set);

async function errors(text: string, set = {}): Promise<string[]> {
  const { diagnostics } = await compileIt(text, set);
  return diagnostics.map(({ code, at }) => `${code} ${at?.line ?? "-"}:${at?.column ?? "-"}`);
}

describe("compileText", () => {
  it("gives the frozen pipeline: defaults filled in, edges resolved, columns followed, in order", async () => {
    const { pipeline } = await compileIt(good);
    expect(pipeline?.name).toBe("reviews");
    expect(pipeline?.nodes.map((node) => node.name)).toEqual(["rows", "tokens", "ids", "padded", "model"]);
    const padded = pipeline!.nodes[3];
    expect(padded.params).toEqual({ length: 8 });
    expect(padded.inputs).toEqual({ data: { stage: "ids", port: "data" } });
    expect(padded.outputs.data.columns).toEqual({ text: "utf8", label: "label", tokens: "tokens", ids: "padded" });
    expect(padded.at).toMatchObject({ line: 8, column: 3 });
    expect(pipeline!.nodes[1].params).toEqual({ kind: "words", keep: [] });
    expect(pipeline!.predict).toMatchObject({ source: "rows", model: "model", prepare: [] });
    expect(Object.isFrozen(pipeline!.nodes[3].params)).toBe(true);
  });

  it("is plain data: it survives JSON", async () => {
    const { pipeline } = await compileIt(good);
    expect(JSON.parse(JSON.stringify(pipeline))).toEqual(pipeline);
  });

  it("derives seeds from the root seed and the name alone: other stages do not change them", async () => {
    const { pipeline: one } = await compileIt(good);
    const { pipeline: two } = await compileIt(good.replace("  ids:", "  more: { use: probe/words, in: rows }\n  ids:"));
    const seedOf = (p: typeof one, name: string) => p!.nodes.find((node) => node.name === name)!.seed;
    expect(seedOf(one, "model")).toBe(seedOf(two, "model"));
    expect(seedOf(one, "model")).not.toBe(seedOf(one, "ids"));
    const { pipeline: other } = await compileIt(good, { seed: "6" });
    expect(seedOf(one, "model")).not.toBe(seedOf(other, "model"));
  });

  it("takes overrides with their types, also for a parameter that the file leaves out", async () => {
    const { pipeline } = await compileIt(good, { "params.length": "12", "stages.tokens.with.kind": "letters" });
    expect(pipeline!.nodes[3].params).toEqual({ length: 12 });
    expect(pipeline!.nodes[1].params).toMatchObject({ kind: "letters" });
  });

  it("refuses an override that names nothing, and offers the nearest name", async () => {
    const { diagnostics } = await compileIt(good, { "params.lenght": "12" });
    expect(diagnostics).toMatchObject([{ code: "set", hint: 'Did you mean "length"?' }]);
    expect(await errors(good, { "stages.__proto__.polluted": "1" })).toEqual(["set -:-"]);
    for (const [path, value] of [
      ["params.__proto__", "{ polluted: 1 }"],
      ["params.length", "{ __proto__: { polluted: 1 } }"],
      ["params.length", "[{ a: { __proto__: 1 } }]"],
      ["constructor.prototype.polluted", "1"],
      ["stages.tokens.with.__proto__", "{ polluted: 1 }"],
      ["params.length", "[".repeat(5000)],
      ["params.length", "&a [*a]"],
    ]) {
      expect(await errors(good, { [path]: value })).toEqual(["set -:-"]);
    }
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it("takes nesting of 90 levels, and refuses more at its place, however it is written", async () => {
    const nested = (text: string) =>
      errors(`seqloom: 1\nparams:\n  deep: ${text}\nstages:\n  rows: { use: probe/source }\n`);
    expect(await nested(`${"[".repeat(90)}${"]".repeat(90)}`)).toEqual([]);
    for (const open of ["[", "{ a: ", "- ["]) {
      expect((await nested(`\n    ${open.repeat(50_000)}`))[0]).toMatch(/^yaml-too-deep 4:/);
    }
    expect(await nested(`\n    ${"- ".repeat(5000)}1`)).toEqual(["yaml-too-deep 4:201"]);
    const keys = Array.from({ length: 300 }, (_, i) => `${" ".repeat(i + 4)}a:`).join("\n");
    expect(await nested(`\n${keys} 1`)).toEqual(["yaml-too-deep 102:103"]);
    const flow = (i: number) => `&a${i} ${"[".repeat(40)}${i > 0 ? `*a${i - 1}` : 1}${"]".repeat(40)}`;
    expect((await nested(`[${[0, 1, 2, 3].map(flow).join(", ")}]`))[0]).toMatch(/^yaml-too-deep 3:/);
  });

  it("answers soon, and briefly, when a name is very long", async () => {
    const { diagnostics } = await compileIt(good.replace("probe/words", "w".repeat(2_000_000)));
    expect(diagnostics[0].code).toBe("unknown-stage");
    expect(diagnostics[0].message.length).toBeLessThan(150);
  });

  it("lets a pipeline have a name in any script, and tells one that no file could have", async () => {
    const named = (name: string) => errors(good.replace(/^seqloom: 1\n(name: .*\n)?/, `seqloom: 1\nname: ${name}\n`));
    for (const name of ["Größe 1.5", "評判", "🎬 reviews", "a"]) expect(await named(name)).toEqual([]);
    for (const name of ['"a\\u202Eb"', '"a\\nb"', "a\\b", "a/b", "..", ".", '" "', '"\\uD800"', '"\\x7f"']) {
      expect(await named(name)).toEqual(["pipeline-name 2:7"]);
    }
  });

  it("finds every problem at once, each at its place, in the order of the file", async () => {
    const text = `seqloom: 1
stages:
  rows: { use: probe/source, with: { rows: 0 } }
  tokens: { use: probe/wrods, in: rows }
  ids: { use: probe/encode, in: tokenz }
  padded: { use: probe/pad, in: ids, with: { lenght: 3 } }
`;
    expect(await errors(text)).toEqual([
      "out-of-range 3:44",
      "unknown-stage 4:18",
      "unknown-input 5:33",
      "unknown-parameter 6:46",
    ]);
  });

  it("names the stage that bridges two that do not fit, and shows both ends", async () => {
    const { diagnostics } = await compileIt(good.replace("{ data: ids.data }", "tokens").replace(/ {2}ids:.*\n/, ""));
    expect(diagnostics).toMatchObject([
      {
        code: "missing-column",
        hint: "Put probe/encode between tokens and padded.",
        at: { line: 9, column: 9 },
        related: [{ at: { line: 6, column: 3 } }],
      },
    ]);
  });

  it("names a chain of stages where one is not enough, and the shortest of several goals", async () => {
    const { diagnostics } = await compileIt(
      "seqloom: 1\nstages:\n  rows: { use: probe/source }\n  model: { use: probe/model, in: rows }\n",
    );
    expect(diagnostics[0].hint).toBe("Put probe/words, then probe/encode, then probe/pad between rows and model.");
  });

  it("points into lists and nested mappings, and picks the form that was meant", async () => {
    const text = good.replace(
      "probe/words, in: rows",
      "probe/words, in: rows, with: { keep: [a, { wrod: b, word: c }] }",
    );
    expect(await errors(text)).toEqual(["unknown-parameter 6:61"]);
    const empty = good.replace("probe/words, in: rows", 'probe/words, in: rows, with: { keep: [a, ""] }');
    expect(await errors(empty)).toEqual(["wrong-value 6:59"]);
  });

  it("renames columns around a stage", async () => {
    const text = good.replace("use: probe/words, in: rows", "use: probe/words, in: rows, columns: { tokens: words }");
    expect(await errors(text)).toEqual(["missing-column 7:33"]);
    const both = text.replace(
      "use: probe/encode, in: tokens",
      "use: probe/encode, in: tokens, columns: { tokens: words }",
    );
    const { pipeline } = await compileIt(both);
    expect(pipeline!.nodes[2].outputs.data.columns).toMatchObject({ words: "tokens", ids: "ids" });
  });

  it("knows that text cannot reach a model when `predict` says it should, and says nothing when it does not", async () => {
    const renamed = good.replace(
      "{ use: probe/words, in: rows }",
      "{ use: probe/words, in: rows, columns: { tokens: words } }",
    );
    const text = renamed.replace("in: tokens }", "in: tokens, columns: { tokens: words } }");
    expect((await compileIt(text)).pipeline?.predict).toMatchObject({ source: "rows" });
    const wrong = `${good}predict: { source: ids }\n`;
    expect(await errors(wrong)).toEqual(["predict-columns 13:1"]);
    expect(await errors(`${good}predict: { model: tokens }\n`)).toEqual(["predict-stage 13:19"]);
  });

  it("takes names that JavaScript objects inherit for what they are: names", async () => {
    const port = good.replace("{ data: ids.data }", "{ data: ids.data, constructor: ids }");
    expect(await errors(port)).toEqual(["unknown-port 10:27"]);
    expect(await errors(good.replace("in: tokens", "in: tokens.toString"))).toEqual(["unknown-port 7:33"]);
    const stage = good.replace("  tokens:", "  constructor:").replace("in: tokens", "in: constructor");
    expect((await compileIt(stage)).pipeline?.nodes.map(({ name }) => name)).toContain("constructor");
  });

  it("refuses the one key that JavaScript would drop", async () => {
    expect(await errors(good.replace("  tokens:", "  __proto__:"))).toEqual(["reserved-key 6:3"]);
  });

  it("refuses two columns of a stage that are made one", async () => {
    const twice = good.replace("in: rows }", "in: rows, columns: { text: review, tokens: review } }");
    const { diagnostics } = await compileIt(twice);
    expect(diagnostics.find(({ code }) => code === "column-twice")).toMatchObject({
      stage: "tokens",
      message: '"text" and "tokens" of probe/words are both the column "review"',
      at: { line: 6 },
    });
  });

  it("goes on after a key that is not known, and says all the rest too", async () => {
    const text = good.replace("  tokens: { use", "  tokens: { wiht: 3, use").replace("probe/encode", "probe/encod");
    expect(await errors(text)).toEqual(["unknown-key 6:13", "unknown-stage 7:15"]);
    const port = good.replace("{ data: ids.data }", "{ dat: idz }");
    expect(await errors(port)).toEqual(["unknown-port 10:11", "unknown-input 10:16"]);
  });

  it("says which value came from --set, and takes places in lists as reasons write them", async () => {
    const { diagnostics } = await compileIt(good, { "stages.padded.with.length": "0" });
    expect(diagnostics).toMatchObject([
      { code: "out-of-range", hint: "It was set by --set stages.padded.with.length=0." },
    ]);
    const listed = good.replace("probe/words, in: rows", "probe/words, in: rows, with: { keep: [a, b] }");
    const { pipeline } = await compileIt(listed, { "stages.tokens.with.keep[1]": "c" });
    expect(pipeline!.nodes[1].params.keep).toEqual(["a", "c"]);
  });

  it("shows how to write a value that lacks its name, its list or is quoted", async () => {
    const hintOf = async (text: string) => (await compileIt(text)).diagnostics[0].hint;
    expect(await hintOf(good.replace("probe/words, in: rows", "probe/words, in: rows, with: { keep: word }"))).toMatch(
      /Write a list/,
    );
    expect(await hintOf(good.replace('"${params.length}"', '"12"'))).toBe("Write it without quotes: 12.");
  });

  it("says nothing of prediction where the way to the model is broken already", async () => {
    const asked = `${good}predict: { source: rows, model: model }\n`;
    expect(await errors(asked.replace("probe/words", "probe/wrods"))).toEqual(["unknown-stage 6:18"]);
    expect(await errors(asked.replace("probe/model", "probe/modle"))).toEqual(["unknown-stage 12:17"]);
    expect(await errors(asked.replace("in: tokens }", "in: tokenz }"))).toEqual(["unknown-input 7:33"]);
    expect(await errors(asked.replace("use: probe/source", "use: probe/sorce"))).toEqual(["unknown-stage 5:16"]);
  });
});
