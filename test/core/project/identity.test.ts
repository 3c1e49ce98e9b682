import { utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { mapping, Project, ROWS } from "./support.js";

const PIPELINE = `seqloom: 1
stages:
  rows: { use: ./stages/rows.ts }
  low: { use: ./stages/low.ts, in: rows }
  up: { use: ./stages/up.ts, in: rows }
  both: { use: ./stages/both.js, in: low }
`;

/** low → helper → deep; up → shared; both → helper and shared. */
const project = () =>
  new Project({
    "p.yaml": PIPELINE,
    "stages/rows.ts": ROWS,
    "stages/low.ts": mapping("low", "tidy(text)", 'import { tidy } from "./lib/helper.ts";'),
    "stages/up.ts": mapping("up", "shout(text)", 'import { shout } from "./lib/shared.ts";'),
    "stages/both.js": mapping(
      "both",
      "shout(tidy(text))",
      'import { tidy } from "./lib/helper.ts";\nimport { shout } from "./lib/shared.ts";',
    ),
    "stages/lib/helper.ts":
      'import { deep } from "./deep.ts";\nexport const tidy = (text: string): string => deep(text).trim();\nexport const unused = 1;\n',
    "stages/lib/deep.ts":
      "/** Lower. */\nexport function deep(text: string): string {\n  return text.toLowerCase();\n}\nexport interface Shape { readonly a: number }\n",
    "stages/lib/shared.ts":
      'import words from "./words.json" with { type: "json" };\nexport const shout = (text: string): string => text.toUpperCase() + words.length;\n',
    "stages/lib/words.json": '["a", "b"]',
  });

const HITS = { rows: "hit", low: "hit", up: "hit", both: "hit" };

describe("the identity of a project's own stages", () => {
  it("lets an edit of a comment, of a type, of spaces or of what is not used rerun nothing", async () => {
    const p = project();
    expect(await p.run()).toEqual({ rows: "run", low: "run", up: "run", both: "run" });
    p.edit("stages/lib/deep.ts", "/** Lower. */", "// Makes it lower.\n");
    expect(await p.plan()).toEqual(HITS);
    p.edit("stages/lib/deep.ts", "readonly a: number", "readonly b: string");
    expect(await p.plan()).toEqual(HITS);
    p.edit("stages/lib/deep.ts", "text: string): string", "text: string ) :  string");
    expect(await p.plan()).toEqual(HITS);
    p.edit("stages/lib/helper.ts", "unused = 1", "unused = 2");
    expect(await p.plan()).toEqual(HITS);
    expect(await p.run()).toEqual(HITS);
  });

  it("reruns exactly the stages that use a helper two imports away, and names its file", async () => {
    const p = project();
    await p.run();
    p.edit("stages/lib/deep.ts", "toLowerCase()", "toLowerCase().normalize()");
    const changed = "stages/lib/deep.ts changed";
    expect(await p.plan()).toEqual({ rows: "hit", low: changed, up: "hit", both: "depends on the result of low" });
    // The result of low is the same as before, but both has the helper in its own closure.
    expect(await p.run()).toEqual({ rows: "hit", low: "run", up: "hit", both: "run" });
    expect(await p.run()).toEqual(HITS);
  });

  it("follows data that is imported, and stages in JavaScript", async () => {
    const p = project();
    await p.run();
    p.write("stages/lib/words.json", '["a", "c"]');
    expect(await p.plan()).toMatchObject({
      low: "hit",
      up: "stages/lib/words.json changed",
      both: "stages/lib/words.json changed",
    });
  });

  it("sees an edit that leaves size and time of a file as they were", async () => {
    const p = project();
    await p.run();
    const path = join(p.folder, "stages/lib/helper.ts");
    const then = new Date(Date.now() - 60_000);
    utimesSync(path, then, then);
    expect(await p.plan()).toEqual(HITS);
    p.edit("stages/lib/helper.ts", ".trim()", ".trim( )");
    p.edit("stages/lib/helper.ts", ".trim( )", ".slice()");
    utimesSync(path, then, then);
    expect((await p.plan()).low).toBe("stages/lib/helper.ts changed");
  });

  it("sees two edits within one tick of the clock", async () => {
    const p = project();
    await p.run();
    for (const word of ["one", "two", "six"]) {
      writeFileSync(join(p.folder, "stages/lib/words.json"), `["${word}"]`);
      expect((await p.run()).up).toBe("run");
    }
  });

  it("does not depend on the folder that the project lies in", async () => {
    const [a, b] = [await project().load(), await project().load()];
    expect(a.nodes.map(({ stage }) => stage.code.hash)).toEqual(b.nodes.map(({ stage }) => stage.code.hash));
  });

  it("counts files that the code loads by URL, by their bytes", async () => {
    const p = new Project({
      "p.yaml": "seqloom: 1\nstages:\n  rows: { use: ./rows.ts }\n  low: { use: ./low.ts, in: rows }\n",
      "rows.ts": ROWS,
      "low.ts": mapping(
        "low",
        'text + readFileSync(new URL("./words.txt", import.meta.url), "utf8")',
        'import { readFileSync } from "node:fs";',
      ),
      "words.txt": "x",
    });
    expect(await p.run()).toEqual({ rows: "run", low: "run" });
    expect(await p.run()).toEqual({ rows: "hit", low: "hit" });
    p.write("words.txt", "y");
    expect((await p.plan()).low).toBe("words.txt changed");
  });
});

describe("a stage whose code cannot be followed", () => {
  const reading = (more = "", path = '"./w" + ".txt"') =>
    new Project({
      "p.yaml": "seqloom: 1\nstages:\n  rows: { use: ./rows.ts }\n  low: { use: ./low.ts, in: rows }\n",
      "rows.ts": ROWS,
      "low.ts": mapping(
        "low",
        `text + readFileSync(new URL(${path}, import.meta.url), "utf8")`,
        'import { readFileSync } from "node:fs";',
        more,
      ),
      "w.txt": "x",
    });

  it("runs every time, and says why", async () => {
    const p = reading();
    await p.run();
    expect((await p.plan()).low).toBe("its code cannot be followed: uses node:fs (low.ts:1)");
    expect(await p.run()).toEqual({ rows: "hit", low: "run" });
    p.write("w.txt", "y");
    expect(await p.run()).toEqual({ rows: "hit", low: "run" });
  });

  it("is kept when it declares its files, by their content", async () => {
    const p = reading('\n  extraFiles: ["./*.txt"],');
    await p.run();
    expect(await p.run()).toEqual({ rows: "hit", low: "hit" });
    p.write("w.txt", "y");
    expect((await p.plan()).low).toBe("w.txt changed");
    await p.run();
    p.write("more.txt", "z");
    expect((await p.plan()).low).toBe("more.txt changed");
  });

  it("is one that imports by a computed name", async () => {
    const p = reading();
    p.write(
      "low.ts",
      mapping("low", "text + typeof load").replace(
        "export const",
        "const load = (name: string) => import(name);\nexport const",
      ),
    );
    expect((await p.plan()).low).toBe("depends on the result of rows");
    await p.run();
    expect((await p.plan()).low).toBe(
      "its code cannot be followed: imports a module whose name is known only when it runs (low.ts:4)",
    );
  });
});
