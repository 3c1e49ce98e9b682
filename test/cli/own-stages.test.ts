import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadedModules } from "../support/loaded-modules.js";
import { BIN, folderWith, seqloom } from "./support.js";

const CLEAN = `import { dataset, defineMap, utf8 } from "seqloom";
import { z } from "zod";
import { tidy } from "./tidy.ts";
export const clean = defineMap({
  id: "own/clean",
  version: 1,
  description: "Cleans text.",
  input: dataset({ text: "utf8" }),
  output: dataset({ text: "utf8" }),
  params: z.strictObject({ suffix: z.string().default("!").describe("What to add") }),
  apply: (batch, { suffix }) => batch.with({ text: utf8([...batch.column("text").values].map((t) => tidy(t) + suffix)) }),
});
`;

const project = () =>
  folderWith({
    "p.yaml":
      "seqloom: 1\nstages:\n  reviews: { use: data/generate-reviews, with: { rows: 20 } }\n  clean: { use: ./stages/clean.ts, in: reviews }\n",
    "stages/clean.ts": CLEAN,
    "stages/tidy.ts": "export const tidy = (text: string): string => text.trim();\n",
  });

describe("a pipeline with a stage of its own", () => {
  it("runs, and with nothing to do loads neither the bundler nor a schema nor the stage", () => {
    const folder = project();
    const file = join(folder, "p.yaml");
    expect(seqloom(["run", file, "--no-report", "--quiet"]).code).toBe(0);
    const loaded = loadedModules([BIN, "run", file, "--no-report", "--quiet"]);
    expect(loaded.some((url) => url.endsWith("/core/dist/project/states.js"))).toBe(true);
    expect(loaded.filter((url) => /esbuild|\/zod\/|\/yaml\/|code\/closure|memo\/stages/.test(url))).toEqual([]);
    expect(loaded.length).toBeLessThan(60);
  });

  it("is told what it reads without saying so by --trace-inputs, in words and as JSON", () => {
    const folder = project();
    const file = join(folder, "p.yaml");
    const tidy = `import { readFileSync } from "node:fs";
export const tidy = (text: string): string => text + readFileSync(process.env.TIDY_WORDS ?? "", "utf8");\n`;
    writeFileSync(join(folder, "stages", "tidy.ts"), tidy);
    writeFileSync(join(folder, "words.txt"), "?");
    const call = ["run", file, "--no-report", "--quiet", "--trace-inputs", "--json"];
    const { code, out, err } = seqloom(call, { env: { TIDY_WORDS: join(folder, "words.txt") } });
    expect(code).toBe(0);
    expect(err).toContain("undeclared-input");
    expect(err).toContain("reads: { files: [words.txt], env: [TIDY_WORDS] }");
    expect(JSON.parse(out).stages[1].undeclared).toEqual({ files: ["words.txt"], env: ["TIDY_WORDS"] });
  });

  it("tells a wrong parameter at its line of the pipeline", () => {
    const folder = project();
    const { code, err } = seqloom(["run", join(folder, "p.yaml"), "--set", "stages.clean.with.sufix=?"]);
    expect(code).toBe(1);
    expect(err).toContain('there is no parameter "sufix"');
  });
});
