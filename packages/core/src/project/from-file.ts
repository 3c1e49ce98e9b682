import { dirname, join, relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { closureOf } from "../code/closure.js";
import { isInstalled } from "../code/packages.js";
import { didYouMean } from "../diagnostics/closest.js";
import { DiagnosticError, fail } from "../diagnostics/diagnostic.js";
import { findFiles } from "../files/find.js";
import { writeDerived } from "../files/write.js";
import { inputPorts, outputPorts } from "../pipeline/describe-ports.js";
import { stageInfo } from "../registry/info.js";
import type { RegistryEntry } from "../registry/registry.js";
import type { AnyStage } from "../stages/stage.js";
import { checkDefinition, isStage } from "./check-definition.js";
import { buildProblems, escaped, placeInStack, placeOf } from "./locate.js";
import type { ProjectContext } from "./overlay.js";
import { runnable } from "./runnable.js";

/** A stage that a pipeline names by where its code is. */
export interface ProjectStage {
  readonly entry: RegistryEntry;
  readonly stage: AnyStage;
  /** The file that defines it. */
  readonly file: string;
}

/**
 * Loads a stage from a file of the project.
 * @param name its export, or null when it is the only one
 * @throws DiagnosticError with places in that file.
 */
export async function stageFromFile(file: string, name: string | null, context: ProjectContext): Promise<ProjectStage> {
  const { directory, home, esbuild, installed, inputs } = context;
  const shown = relative(directory, file);
  inputs.add(file);
  inputs.add(dirname(file));
  const absolute = (path: string): string => resolve(dirname(file), path);
  try {
    const module = await runnable(file, home, esbuild);
    for (const input of module.inputs) inputs.add(input);
    const exports = await evaluate(module.url, file);
    const chosen = choose(exports, module.exports, name, file, shown);
    const stage = exports[chosen] as AnyStage;
    checkDefinition(stage, chosen, file, installed);
    const extraFiles = await extraFilesOf(stage, chosen, file, inputs);
    const declaresFiles = stage.files !== undefined;
    const closure = await closureOf(file, chosen, { esbuild, project: directory, extraFiles, declaresFiles });
    for (const input of closure.inputs) inputs.add(input);
    const parts = join(home, "memo", "stages", `${closure.code.hash}.json`);
    const known = writeDerived(parts, JSON.stringify({ [closure.code.hash]: closure.parts }));
    const code = { ...closure.code, ...(known && { parts: pathToFileURL(parts).href }) };
    const info = stageInfo(stage, { url: module.url, name: chosen }, code);
    return { entry: { info, inputs: inputPorts(stage), outputs: outputPorts(stage, null) }, stage, file };
  } catch (error) {
    throw error instanceof DiagnosticError ? error : buildProblems(error, absolute);
  }
}

async function evaluate(url: string, file: string): Promise<Readonly<Record<string, unknown>>> {
  process.setSourceMapsEnabled(true);
  try {
    return (await import(url)) as Readonly<Record<string, unknown>>;
  } catch (error) {
    const { message, stack } = error as Error;
    const at =
      placeInStack(stack, (path) => !isInstalled(path) && !path.includes("/memo/stages/")) ?? placeOf(file, /^/);
    throw fail("stage-not-loadable", `the module of the stage throws when it is loaded: ${message}`, {
      hint: "A module of stages only defines them: do work in `run`, `apply` or `fit`.",
      at,
      details: stack ?? null,
    });
  }
}

/** @param names the exports as they are written, for what evaluation does not show */
function choose(
  exports: Readonly<Record<string, unknown>>,
  names: readonly string[],
  wanted: string | null,
  file: string,
  shown: string,
): string {
  const stages = names.filter((name) => isStage(exports[name]));
  if (wanted !== null && wanted !== "default" && stages.includes(wanted)) return wanted;
  if (stages.includes("default") && (wanted === "default" || stages.length === 1)) {
    throw fail("default-export", `${shown} exports its stage as default`, {
      hint: "Give it a name: `export const clean = defineStage({ … })`.",
      at: placeOf(file, /\bexport\s+default\b|\bas\s+default\b/),
    });
  }
  const named = stages.filter((name) => name !== "default");
  if (wanted !== null) {
    throw fail("unknown-export", `${shown} exports no stage "${wanted}"`, {
      hint: didYouMean(wanted, named, "export"),
    });
  }
  if (named.length === 1) return named[0];
  if (named.length === 0) {
    throw fail("no-stage", `${shown} exports no stage`, {
      hint: "Export one: `export const clean = defineStage({ … })`.",
      at: placeOf(file, /^/),
    });
  }
  throw fail("which-stage", `${shown} exports ${named.length} stages: ${named.join(", ")}`, {
    hint: `Say which: \`use: ./${shown.replace(/^\.\//, "")}#${named[0]}\`.`,
  });
}

/** Absolute paths of what `extraFiles` names; undefined when the stage does not say. */
async function extraFilesOf(
  { extraFiles }: AnyStage,
  name: string,
  file: string,
  inputs: Set<string>,
): Promise<readonly string[] | undefined> {
  if (extraFiles === undefined) return undefined;
  const paths: string[] = [];
  for (const pattern of extraFiles) {
    const found = await findFiles(pattern, dirname(file));
    if ("code" in found) {
      const at = placeOf(
        file,
        new RegExp(`\\b${name}\\b[\\s\\S]*?\\bextraFiles\\s*:[^\\]]*?(["'\`]${escaped(pattern)}["'\`])`),
      );
      const { hint, ...problem } = found;
      const told = hint?.replace("the pipeline's folder", "the folder of the stage");
      throw new DiagnosticError({ ...problem, ...(told !== undefined && { hint: told }), at });
    }
    for (const { path } of found) {
      paths.push(path);
      // A file that is added to the folder may match too.
      inputs.add(dirname(path));
    }
  }
  return [...new Set(paths)].sort();
}
