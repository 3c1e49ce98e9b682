/** @file The stages that a pipeline names by their code, put over those that are installed. */
import { join, resolve } from "node:path";
import type * as Esbuild from "esbuild";
import { forgetPackages } from "../code/packages.js";
import { type Diagnostic, DiagnosticError, fail } from "../diagnostics/diagnostic.js";
import { findFiles } from "../files/find.js";
import { keepNewest } from "../files/write.js";
import type { Registry } from "../registry/registry.js";
import { bundler } from "./bundler.js";
import type { ProjectStage } from "./from-file.js";
import { placeOf } from "./locate.js";
import { type ModuleUse, moduleUse } from "./use.js";

/** Files that stages became, which are kept; the oldest go first. */
const KEPT = 400;

/** What loading a stage of a project needs. */
export interface ProjectContext {
  /** The folder of the pipeline. */
  readonly directory: string;
  readonly home: string;
  readonly esbuild: typeof Esbuild;
  readonly installed: Registry;
  /** Collects the paths of all that was looked at. */
  readonly inputs: Set<string>;
}

/** The registry with the stages of a project, and the files that decide what these are. */
export interface ProjectRegistry {
  readonly registry: Registry;
  readonly inputs: readonly string[];
}

/**
 * Loads the stages that `uses` name by their code. What is wrong with one is kept in the registry, to be told where it is used.
 * @param home the folder of the store, where what TypeScript becomes is kept
 */
export async function withProjectStages(
  installed: Registry,
  uses: readonly string[],
  directory: string,
  home: string,
): Promise<ProjectRegistry> {
  const wanted = [...new Set(uses)].flatMap((use): [string, ModuleUse][] => {
    const parsed = installed.entry(use) === undefined ? moduleUse(use) : null;
    return parsed === null ? [] : [[use, parsed]];
  });
  if (wanted.length === 0) return { registry: installed, inputs: [] };
  forgetPackages();
  const context = { directory, home, installed, inputs: new Set<string>(), esbuild: await bundler() };
  const found = new Map<string, ProjectStage>();
  const refused = new Map<string, readonly Diagnostic[]>();
  for (const [use, parsed] of wanted) {
    try {
      found.set(use, await load(parsed, context));
    } catch (error) {
      if (!(error instanceof DiagnosticError)) throw error;
      refused.set(use, error.diagnostics);
    }
  }
  refuseSharedIds(found, refused);
  keepNewest(join(home, "memo", "stages"), KEPT);
  const registry: Registry = {
    ids: installed.ids,
    entry: (use) => {
      const own = found.get(use)?.entry;
      return own === undefined ? installed.entry(use) : { ...own, info: { ...own.info, use } };
    },
    load: async (use) => found.get(use)?.stage ?? installed.load(use),
    refused: (use) => refused.get(use),
  };
  return { registry, inputs: [...context.inputs] };
}

async function load({ from, specifier, name }: ModuleUse, context: ProjectContext): Promise<ProjectStage> {
  if (from === "package") return (await import("./from-package.js")).stageFromPackage(specifier, name ?? "", context);
  const path = resolve(context.directory, specifier);
  // When the file appears, or another, what was said of it no longer holds.
  context.inputs.add(path);
  const found = await findFiles(specifier, context.directory);
  if ("code" in found) throw new DiagnosticError(found);
  if (!/\.[cm]?[jt]s$/.test(path)) {
    throw fail("stage-file", `"${specifier}" is no TypeScript or JavaScript`, {
      hint: "A stage is a .ts, .mts, .js or .mjs file.",
    });
  }
  return (await import("./from-file.js")).stageFromFile(path, name, context);
}

/** Results are kept by id: two stages of one id would take each other's for their own in explanations. */
function refuseSharedIds(found: Map<string, ProjectStage>, refused: Map<string, readonly Diagnostic[]>): void {
  const first = new Map<string, ProjectStage>();
  for (const [use, one] of found) {
    const other = first.get(one.stage.id) ?? one;
    first.set(one.stage.id, other);
    if (other.stage === one.stage || other.entry.info.code.hash === one.entry.info.code.hash) continue;
    const at = (file: string) => placeOf(file, new RegExp(`\\bid\\s*:\\s*(["'\`]${one.stage.id}["'\`])`));
    const { diagnostics } = fail("stage-id-taken", `two stages have the id "${one.stage.id}"`, {
      hint: "Results are kept by id: give one of them another.",
      at: at(one.file),
      related: [{ message: "the other one", at: at(other.file) }],
    });
    found.delete(use);
    refused.set(use, diagnostics);
  }
}
