import { readFileSync } from "node:fs";
import { type RunRecord, renderDiagnostics } from "@seqloom/core";
import { openStore, runPipeline } from "@seqloom/core/engine";
import { pipelineToYaml } from "@seqloom/core/yaml";
import { afterEach, describe, expect, it } from "vitest";
import { mapping, Project, ROWS } from "../project/support.js";

const READING = mapping(
  "reading",
  "text + words.length + process.env.SUFFIX_OF_TEST",
  `import { readFileSync } from "node:fs";
import { existsSync as there } from "node:fs";
import { readFile } from "node:fs/promises";
const root = new URL(import.meta.url).pathname.replace(/stages.*/, "");
const words = readFileSync(root + "lexicon/words.txt", "utf8").split("\\n");
await readFile(root + "lexicon/more.txt");
if (there(root + "nothing.txt")) throw new Error("it is there");
export const everything = { ...process.env };`,
);

const yaml = (reads = "") => `seqloom: 1
stages:
  rows: { use: ./stages/rows.ts }
  own:
    use: ./stages/reading.ts
    in: rows${reads === "" ? "" : `\n    reads: ${reads}`}
`;

const project = (reads?: string) =>
  new Project({
    "p.yaml": yaml(reads),
    "stages/rows.ts": ROWS,
    "stages/reading.ts": READING,
    "lexicon/words.txt": "a\nb",
    "lexicon/more.txt": "c",
  });

async function traced(one: Project): Promise<RunRecord> {
  return runPipeline(await one.load(), { store: openStore(one.home), traceInputs: true });
}

const own = ({ stages }: RunRecord) => stages[1];
const DECLARED = "{ files: [lexicon/*.txt], env: [SUFFIX_OF_TEST] }";

afterEach(() => {
  delete process.env.SUFFIX_OF_TEST;
});

describe("--trace-inputs", () => {
  it("names the file and the variable that a stage read, and the line that declares them; nothing of Node, packages or the store", async () => {
    process.env.SUFFIX_OF_TEST = "!";
    const one = project();
    const result = own(await traced(one));
    expect(result.status).toBe("run");
    expect(result.undeclared).toEqual({ files: ["lexicon/more.txt", "lexicon/words.txt"], env: ["SUFFIX_OF_TEST"] });
    const [warning] = result.diagnostics;
    expect(warning).toMatchObject({ code: "undeclared-input", severity: "warning", stage: "own" });
    expect(warning.at?.line).toBe(4);
    expect(warning.hint).toContain("`reads: { files: [lexicon/more.txt, lexicon/words.txt], env: [SUFFIX_OF_TEST] }`");
  });

  it("says nothing of what is declared, and of a stage that reads nothing", async () => {
    const { stages } = await traced(project(DECLARED));
    expect(stages.map(({ status, undeclared, diagnostics }) => [status, undeclared, diagnostics])).toEqual([
      ["run", undefined, []],
      ["run", undefined, []],
    ]);
  });

  it("changes neither keys nor bytes", async () => {
    const one = project(DECLARED);
    const first = await traced(one);
    const again = await runPipeline(await one.load(), { store: one.store });
    expect(again.stages.map(({ status }) => status)).toEqual(["hit", "hit"]);
    expect(own(again).outputs.data.digest).toBe(own(first).outputs.data.digest);
  });

  it("works for stages in processes, too", async () => {
    const one = project();
    one.write("stages/reading.ts", READING.replace("version: 1,", 'version: 1, isolation: "process",'));
    expect(own(await traced(one)).undeclared?.files).toEqual(["lexicon/more.txt", "lexicon/words.txt"]);
  });
});

describe("reads", () => {
  it("makes a stage whose code cannot be followed one that is cached, by the content of files and the values of variables", async () => {
    process.env.SUFFIX_OF_TEST = "one";
    const one = project();
    await one.run();
    expect((await one.plan()).own).toContain("its code cannot be followed");
    one.write("p.yaml", yaml(DECLARED));
    expect((await one.plan()).own).toBe(
      "files of reads changed: lexicon/more.txt, lexicon/words.txt; reads the variable SUFFIX_OF_TEST now",
    );
    await one.run();
    expect((await one.plan()).own).toBe("hit");
    one.write("lexicon/words.txt", "a\nb\nc");
    expect((await one.plan()).own).toBe("files of reads changed: lexicon/words.txt");
    await one.run();
    process.env.SUFFIX_OF_TEST = "two";
    expect((await one.plan()).own).toBe("variable SUFFIX_OF_TEST changed");
    delete process.env.SUFFIX_OF_TEST;
    expect((await one.plan()).own).toBe("variable SUFFIX_OF_TEST is not set any more");
    process.env.SUFFIX_OF_TEST = "one";
    expect((await one.plan()).own).toBe("hit");
  });

  it("keeps no value of a variable anywhere in the store", async () => {
    process.env.SUFFIX_OF_TEST = "a secret that is told nobody";
    const one = project(DECLARED);
    one.write(
      "stages/reading.ts",
      READING.replace("+ process.env.SUFFIX_OF_TEST", '+ (process.env.SUFFIX_OF_TEST ? "1" : "")'),
    );
    const record = await traced(one);
    expect(own(record).status).toBe("run");
    const texts = [JSON.stringify(record), readFileSync(one.store.entryPath(own(record).key as never), "utf8")];
    for (const text of texts) expect(text).not.toContain("a secret that is told nobody");
  });

  it("is written by render, and a file that is not there is an error with its place", async () => {
    const one = project(DECLARED);
    expect(pipelineToYaml(await one.load())).toMatch(/reads:\s+files:\s+- lexicon\/\*\.txt\s+env:\s+- SUFFIX_OF_TEST/);
    one.write("p.yaml", yaml("{ files: [lexicon/wrods.txt] }"));
    const record = await traced(one);
    expect(renderDiagnostics(own(record).diagnostics)).toContain('Did you mean "words.txt"?');
  });
});
