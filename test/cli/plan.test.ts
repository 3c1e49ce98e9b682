import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { folderWith, seqloom } from "./support.js";

const MAP = (id: string, expression: string, imports = "") => `import { dataset, defineMap, utf8 } from "seqloom";
import { z } from "zod";
${imports}
export const ${id} = defineMap({
  id: "own/${id}", version: 1, description: "Maps text.",
  input: dataset({ text: "utf8" }), output: dataset({ text: "utf8" }),
  params: z.strictObject({ suffix: z.string().default("").describe("What to add") }),
  apply: (batch, { suffix }) => batch.with({ text: utf8([...batch.column("text").values].map((text) => ${expression} + suffix)) }),
});
`;

const YAML = `seqloom: 1
name: own
params: { rows: 20, suffix: "!", both: "\${params.suffix}?" }
stages:
  reviews: { use: data/generate-reviews, with: { rows: "\${params.rows}" } }
  clean: { use: ./stages/clean.ts, in: reviews, with: { suffix: "\${params.both}" } }
  loud: { use: "./stages/more.ts#loud", in: clean }
  tokens: { use: text/tokenize, in: loud }
`;

let cwd: string;
const call = (...args: string[]) => seqloom(args, { cwd });
const json = (...args: string[]) => JSON.parse(call(...args, "--json").out);
const edit = (from: string, to: string, name = "stages/help.ts") => {
  const path = join(cwd, name);
  const text = readFileSync(path, "utf8");
  expect(text).toContain(from);
  writeFileSync(path, text.replace(from, to));
};

beforeAll(() => {
  cwd = folderWith(
    {
      "p.yaml": YAML,
      "stages/clean.ts": MAP("clean", "tidy(text)", 'import { tidy } from "./help.ts";'),
      "stages/more.ts": `${MAP("loud", "text.toUpperCase()")}${MAP("low", "text.toLowerCase()").split("\n").slice(3).join("\n")}`,
      "stages/help.ts": "export const tidy = (text: string): string => text.trim();\n",
    },
    true,
  );
  expect(call("run", "p.yaml", "--quiet", "--no-report")).toMatchObject({ code: 0, err: "" });
});

describe("seqloom plan --if-changed", () => {
  it("prints what runs for sure and what may follow as JSON", () => {
    const answer = json("plan", "p.yaml", "--if-changed", "stages/help.ts");
    expect(answer).toEqual({
      schema: "what-if/1",
      change: { kind: "file", name: "stages/help.ts" },
      runs: ["clean"],
      follow: ["loud", "tokens"],
    });
  });

  it("proposes a name for what the pipeline does not have", () => {
    const { code, err } = call("plan", "p.yaml", "--if-changed", "claen");
    expect(code).toBe(1);
    expect(err).toContain('Did you mean "clean"?');
  });

  it("says it in words", () => {
    expect(call("plan", "p.yaml", "--if-changed", "params.suffix").out).toBe(
      "If params.suffix changed:\n\n● clean   would run\n? loud    may run\n? tokens  may run\n",
    );
  });
});

describe("seqloom render", () => {
  it("prints a file with all defaults and no references, whose stages have the same keys", () => {
    const { out } = call("render", "p.yaml");
    expect(out).toContain("use: ./stages/clean.ts");
    expect(out).toContain('suffix: "!?"');
    expect(out).toContain("data: reviews.data");
    expect(out).not.toContain("${");
    writeFileSync(join(cwd, "rendered.yaml"), out);
    expect(json("plan", "rendered.yaml").totals).toMatchObject({ hit: 4 });
  });
});

describe("seqloom schema", () => {
  it("has the stages of the project, used or not, with their parameters", () => {
    expect(call("schema", "p.yaml", "-o", "own.json").err).not.toContain("error");
    const schema = JSON.parse(readFileSync(join(cwd, "own.json"), "utf8"));
    const stage = schema.properties.stages.additionalProperties;
    const uses = stage.properties.use.anyOf[0].enum;
    expect(uses).toEqual(
      expect.arrayContaining(["text/tokenize", "./stages/clean.ts", "./stages/more.ts#loud", "./stages/more.ts#low"]),
    );
    expect(uses).not.toContain("./stages/help.ts");
    const rule = stage.allOf.find(
      (one: { if: { properties: { use: { const: string } } } }) => one.if.properties.use.const === "./stages/clean.ts",
    );
    expect(rule.then.properties.with.properties.suffix.description).toBe("What to add");
  });

  it("writes a file, and says how an editor finds it", () => {
    const { out, err } = call("schema", "-o", "schemas/pipeline.json");
    expect(out).toBe("");
    expect(err).toContain("# yaml-language-server: $schema=schemas/pipeline.json");
    expect(JSON.parse(readFileSync(join(cwd, "schemas/pipeline.json"), "utf8")).title).toBe("Seqloom pipeline");
  });
});

describe("a change of code", () => {
  it("is told by plan, run --dry, explain and plan --diff, and accepted by bless", () => {
    writeFileSync(join(cwd, "plan.json"), call("plan", "p.yaml", "--json").out);
    expect(call("plan", "p.yaml", "--diff", "plan.json").out).toContain("This change reruns 0 of 4 stages.\n");

    edit("text.trim()", "text.trim().slice(0)");
    const planned =
      "✓ reviews  from cache\n● clean    would run: stages/help.ts changed\n? loud     may run: depends on the result of clean\n";
    expect(call("plan", "p.yaml").out).toContain(planned);
    expect(call("run", "p.yaml", "--dry").out).toContain(planned);
    const diff = call("plan", "p.yaml", "--diff", "plan.json").out;
    expect(diff).toContain("= reviews  same\n● clean    changed: code changed");
    expect(diff).toMatch(/This change reruns 3 of 4 stages(, estimated .*)?\.\n$/);
    expect(json("plan", "p.yaml", "--diff", "plan.json")).toMatchObject({
      schema: "plan-diff/1",
      changed: 3,
      total: 4,
    });

    expect(call("explain", "p.yaml", "clean").out).toContain("- stages/help.ts changed\n");
    expect(json("explain", "p.yaml", "clean").reasons).toMatchObject([
      { kind: "code-changed", files: ["stages/help.ts"] },
    ]);
    expect(call("explain", "p.yaml", "loud").out).toContain("- depends on the result of clean\n");
    expect(call("explain", "p.yaml", "reviews").out).toContain("Nothing changed.\n");

    const more = call("bless", "p.yaml", "clean", "--reason", "x", "--set", "params.suffix=x");
    expect(more.code).toBe(1);
    expect(more.err).toContain("more than the code");
    expect(call("bless", "p.yaml", "loud", "--reason", "x").err).toContain("Accept or run clean first.");
    expect(call("bless", "p.yaml", "clean").code).toBe(2);
    expect(call("bless", "p.yaml", "clean", "--reason", "only tidier", "--author", "Ada").out).toContain(
      "stages/help.ts changed",
    );
    expect(call("bless", "p.yaml", "clean", "--reason", "again").err).toContain("There is nothing to accept.");

    expect(json("plan", "p.yaml").totals).toMatchObject({ hit: 4 });
    expect(call("plan", "p.yaml").out).toContain("✓ clean    from cache, accepted by Ada: only tidier\n");
    expect(call("explain", "p.yaml", "clean").out).toMatch(
      /accepted by Ada on .*: only tidier\n {2}stages\/help\.ts changed/,
    );
    expect(json("explain", "p.yaml", "clean").blessed).toMatchObject({ author: "Ada", reason: "only tidier" });
    const { stages } = json("run", "p.yaml", "--quiet", "--no-report");
    expect(stages.map(({ status }: { status: string }) => status)).toEqual(["hit", "hit", "hit", "hit"]);
  });

  it("is explained against a run or a key", () => {
    const [{ run }] = json("runs", "p.yaml").runs.slice(-1);
    expect(json("explain", "p.yaml", "clean", "--vs", run).reasons).toMatchObject([{ kind: "code-changed" }]);
    const { key } = json("explain", "p.yaml", "clean");
    expect(json("explain", "p.yaml", "clean", "--vs", key.slice(0, 10)).reasons).toEqual([]);
    expect(call("explain", "p.yaml", "clean", "--vs", "000000").err).toContain("no key that begins with 000000");
    expect(call("explain", "p.yaml", "claen").err).toContain('Did you mean "clean"?');
  });

  it("is no plan when the file is something else", () => {
    expect(call("plan", "p.yaml", "--diff", "p.yaml").err).toContain("p.yaml is no plan");
  });
});

it("a plan of 1,000 stages in a row is made: what it takes grows with their number, and not faster", () => {
  const lines = ["seqloom: 1", "stages:", "  s0: { use: data/generate-reviews, with: { rows: 20 } }"];
  for (let i = 1; i < 1000; i++) lines.push(`  s${i}: { use: text/normalise, in: s${i - 1} }`);
  const { code, out } = seqloom(["plan", "long.yaml", "--json"], {
    cwd: folderWith({ "long.yaml": `${lines.join("\n")}\n` }),
  });
  expect(code).toBe(0);
  expect(JSON.parse(out).stages).toHaveLength(1000);
});
