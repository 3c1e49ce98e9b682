import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { renderDiagnostics } from "@seqloom/core";
import { type Command, EXIT, flagValue } from "../command.js";
import { homeOf, manifests } from "../manifests.js";
import { takesColor } from "../terminal/paint.js";

/** Writes the JSON Schema of pipeline files, for editors. */
export const schema: Command = {
  name: "schema",
  summary: "Write a JSON Schema for editors: exactly the stages that are installed, and those of the project",
  positionals: [
    {
      name: "FILE",
      optional: true,
      description: "a pipeline file: stages in `stages/` beside it, and those that it names, are in the schema too",
    },
  ],
  flags: {
    output: { type: "string", value: "PATH", short: "o", description: "Write to a file (default: standard output)" },
  },
  examples: [
    [
      "seqloom schema pipelines/quickstart.yaml -o pipelines/pipeline.schema.json",
      "For the editor: completion and checks",
    ],
    ["seqloom schema > pipeline.schema.json", "The installed stages only"],
  ],

  async run(args, { out, err }) {
    const [file] = args.positionals;
    const [{ openRegistry }, { pipelineSchema }] = await Promise.all([import("@seqloom/core"), import("../schema.js")]);
    const installed = openRegistry(manifests());
    const uses = file === undefined ? [] : [...new Set([...(await usedIn(file)), ...(await ownStages(file))])];
    let registry = installed;
    const known = [...installed.ids];
    if (file !== undefined && uses.length > 0) {
      const { withProjectStages } = await import("@seqloom/core/project");
      const project = await withProjectStages(installed, uses, dirname(resolve(file)), homeOf(file));
      registry = project.registry;
      const problems = uses.flatMap((use) => registry.refused?.(use) ?? []);
      if (problems.length > 0) err.write(`${renderDiagnostics(problems, { color: takesColor(err) })}\n`);
      known.push(...uses.filter((use) => installed.entry(use) === undefined && registry.entry(use) !== undefined));
    }
    const stages = await Promise.all(known.map(async (use) => ({ use, stage: await registry.load(use) })));
    const text = `${JSON.stringify(pipelineSchema(stages), null, 2)}\n`;
    const output = flagValue(args, "output");
    if (output === undefined) {
      out.write(text);
      return EXIT.ok;
    }
    try {
      mkdirSync(dirname(resolve(output)), { recursive: true });
      writeFileSync(output, text);
    } catch (error) {
      const { fail } = await import("@seqloom/core");
      throw fail("output-file", `cannot write ${output}: ${(error as Error).message}`, {
        hint: "Give a path that you may write to.",
      });
    }
    const from = file === undefined ? output : relative(dirname(resolve(file)), resolve(output));
    err.write(`Begin pipeline files with this line:\n# yaml-language-server: $schema=${from}\n`);
    return EXIT.ok;
  },
};

/** The stages that a pipeline file names by their code; of a file that is wrong, none. */
async function usedIn(file: string): Promise<string[]> {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const { fail } = await import("@seqloom/core");
    const hint = "Give the path of a pipeline file.";
    throw fail("pipeline-file", `cannot read ${file}: ${(error as Error).message}`, { hint });
  }
  // A file in the making need not be valid YAML yet.
  return [...text.matchAll(/\buse:\s*["']?([^"',\s}]+)/g)].map(([, use]) => use);
}

/** The files in `stages/` beside a pipeline. */
async function ownStages(file: string): Promise<string[]> {
  const folder = join(dirname(resolve(file)), "stages");
  if (!existsSync(folder)) return [];
  const { moduleStages } = await import("@seqloom/core/project");
  const names = readdirSync(folder).filter(
    (name) => /\.[cm]?[jt]s$/.test(name) && !/\.d\.[cm]?ts$|\.(test|spec)\./.test(name),
  );
  const found = await Promise.all(
    names.sort().map((name) => moduleStages(`./stages/${name}`, join(folder, name), homeOf(file))),
  );
  return found.flat();
}
