import { readFileSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import type { z } from "zod";
import { type Diagnostic, DiagnosticError, type Location } from "../diagnostics/diagnostic.js";
import type { Json } from "../json.js";
import { compile } from "../pipeline/compile.js";
import { CompileMemo } from "../pipeline/compile-memo.js";
import { paramProblems } from "../pipeline/param-problems.js";
import type { Pipeline } from "../pipeline/pipeline.js";
import type { Locate, PipelineSpec, Problem } from "../pipeline/spec.js";
import type { Registry } from "../registry/registry.js";
import { storeDirectory } from "../store/store.js";
import type { SweepPoint } from "../sweep/sweep.js";
import { compilePoints, matrixOf } from "./compile-points.js";
import { UNFIT, unfitIn } from "./depth.js";
import { applyOverrides, type Overrides, stepsOf } from "./overrides.js";
import { PointSpecs } from "./point-specs.js";
import { pipelineFile } from "./schema.js";
import { YamlSource } from "./source.js";

/**
 * A compiled file: the pipeline, or what is wrong. `inputs` are the files and folders beside it that decide what it compiles
 * to: those of the project's own stages.
 */
export type CompiledFile =
  | {
      readonly pipeline: Pipeline;
      /** The points of its matrix, in order; none where it has no matrix. */
      readonly points: readonly SweepPoint[];
      readonly diagnostics: readonly Diagnostic[];
      readonly inputs: readonly string[];
    }
  | { readonly pipeline: null; readonly diagnostics: readonly Diagnostic[]; readonly inputs: readonly string[] };

/**
 * Compiles a pipeline file. Every problem is reported with its place.
 * @param home the folder of the store, where what the project's own stages become is kept
 */
export async function compileFile(
  path: string,
  registry: Registry,
  overrides: Overrides = {},
  home?: string,
): Promise<CompiledFile> {
  const file = resolve(path);
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const message =
      code === "ENOENT"
        ? `there is no file ${path}`
        : code === "EISDIR"
          ? `${path} is a folder`
          : `cannot read ${path} (${code})`;
    const hint = "Give the path of a pipeline file, such as pipelines/quickstart.yaml.";
    return failed([{ code: "pipeline-file", severity: "error", message, hint }]);
  }
  return compileText(text, file, registry, overrides, home);
}

/** Compiles the text of a pipeline file; `file` is for messages, and its folder is what paths are relative to. */
export async function compileText(
  text: string,
  file: string,
  registry: Registry,
  overrides: Overrides = {},
  home: string = storeDirectory(dirname(file)),
): Promise<CompiledFile> {
  const source = new YamlSource(file, text);
  const syntax = source.syntaxDiagnostics();
  if (syntax.length > 0) return failed(syntax);
  let raw: Json;
  try {
    raw = source.toJson();
  } catch (error) {
    const hint = "Write the repeated part once, and refer to it fewer times.";
    const message = `the aliases of this file cannot be expanded: ${(error as Error).message}`;
    return failed([{ code: "yaml-alias", severity: "error", message, hint, at: { file, line: 1, column: 1 } }]);
  }
  const unfit = unfitIn(raw);
  if (unfit !== null) {
    return failed([{ severity: "error", ...UNFIT[unfit.why], at: source.locate(unfit.path, "key") }]);
  }
  const { content, diagnostics } = applyOverrides(raw, overrides);
  if (diagnostics.length > 0) return failed(diagnostics);
  const strict = pipelineFile.safeParse(content);
  const problems: Problem[] = strict.success
    ? []
    : paramProblems(strict.error, content, [], pipelineFile).map(fileProblem);
  // Keys that are not known are reported, and left out to see what else there is to say.
  const parsed = strict.success ? strict : pipelineFile.safeParse(withoutUnknownKeys(content, strict.error.issues));
  if (!parsed.success) return failed(problems.map((problem) => toDiagnostic(problem, source.locate)));
  const name = parsed.data.name ?? basename(file).replace(/\.ya?ml$/, "");
  const specs = new PointSpecs(parsed.data, { name, file, directory: dirname(file) });
  const memo = new CompileMemo();
  const matrix = matrixOf(parsed.data, overrides);
  const spec = { ...specs.at({}, problems), ...(matrix !== null && { matrix }) };
  let inputs: readonly string[] = [];
  try {
    const uses = [...spec.stages, ...(spec.predict?.prepare ?? [])].map(({ use }) => use);
    const project = await withProject(registry, uses, spec.directory, home);
    inputs = project.inputs;
    const compiled = await compile(spec, project.registry, source.locate, memo);
    const compileAt = (at: PipelineSpec) => compile(at, project.registry, source.locate, memo);
    const points =
      matrix === null || compiled.pipeline === null
        ? []
        : await compilePoints(matrix, parsed.data, specs, compileAt, problems, compiled.pipeline);
    const all = withoutFollowing([...problems, ...compiled.problems]).map((problem) => fromSet(problem, overrides));
    if (all.length > 0 || compiled.pipeline === null)
      return failed(
        all.map((problem) => toDiagnostic(problem, source.locate)),
        inputs,
      );
    return { pipeline: compiled.pipeline, points, diagnostics: [], inputs };
  } catch (error) {
    if (error instanceof DiagnosticError) return failed(error.diagnostics, inputs);
    throw error;
  }
}

function withoutUnknownKeys(content: Json, issues: readonly z.core.$ZodIssue[]): Json {
  const copy = structuredClone(content);
  for (const issue of issues) {
    if (issue.code !== "unrecognized_keys") continue;
    const at = issue.path.reduce<unknown>((inner, step) => (inner as Record<PropertyKey, unknown>)?.[step], copy);
    for (const key of issue.keys) delete (at as Record<string, unknown>)[key];
  }
  return copy;
}

/** A value that came from the command line is not the one that stands in the file: say so. */
function fromSet(problem: Problem, overrides: Overrides): Problem {
  const path = problem.path.join(".");
  const given = Object.entries(overrides).find(([name]) => stepsOf(name).join(".") === path);
  return given === undefined ? problem : { ...problem, hint: `It was set by --set ${given[0]}=${given[1]}.` };
}

/** Where a `${…}` could not be filled in, what the stage says of the empty place is no second mistake. */
function withoutFollowing(problems: readonly Problem[]): Problem[] {
  const unfilled = new Set(problems.filter(({ code }) => INTERPOLATION.has(code)).map(({ path }) => path.join("\n")));
  return problems.filter(({ code, path }) => INTERPOLATION.has(code) || !unfilled.has(path.join("\n")));
}

const INTERPOLATION: ReadonlySet<string> = new Set(["interpolation", "unknown-param"]);

/** What runs only installed stages loads nothing for those of projects. */
async function withProject(registry: Registry, uses: readonly string[], directory: string, home: string) {
  if (uses.every((use) => registry.entry(use) !== undefined)) return { registry, inputs: [] };
  const { withProjectStages } = await import("../project/overlay.js");
  return withProjectStages(registry, uses, directory, home);
}

function failed(diagnostics: readonly Diagnostic[], inputs: readonly string[] = []): CompiledFile {
  const rank = (diagnostic: Diagnostic): number => (diagnostic.at?.line ?? 0) * 10_000 + (diagnostic.at?.column ?? 0);
  return { pipeline: null, diagnostics: [...diagnostics].sort((a, b) => rank(a) - rank(b)), inputs };
}

/** At the top of a file the words are "key" and not "parameter". */
export function fileProblem(problem: Problem): Problem {
  const code =
    problem.code === "unknown-parameter"
      ? "unknown-key"
      : problem.code === "missing-parameter"
        ? "missing-key"
        : problem.code;
  const rename = (text: string): string =>
    text.replace("there is no parameter", "there is no key").replace("Valid parameters", "Valid keys");
  const isVersion = problem.message.startsWith('"seqloom"');
  const written = isVersion ? "Begin the file with `seqloom: 1`: the version of this format." : problem.hint;
  const hint = written === undefined ? {} : { hint: rename(written) };
  const stage = problem.path[0] === "stages" && problem.path.length > 1 ? { stage: String(problem.path[1]) } : {};
  return { ...problem, ...hint, ...stage, code, message: rename(problem.message) };
}

/** A problem with its path turned into a place. */
export function toDiagnostic(problem: Problem, locate: Locate): Diagnostic {
  const at = locate(problem.path, problem.part);
  if (problem.elsewhere !== undefined) return usedHere(problem.elsewhere, at);
  const related = (problem.related ?? []).flatMap(({ message, path, part }) => {
    const place = locate(path, part);
    return place === null ? [] : [{ message, at: place }];
  });
  return {
    code: problem.code,
    severity: "error",
    message: problem.message,
    ...(problem.hint === undefined ? {} : { hint: problem.hint }),
    ...(at === null ? {} : { at }),
    ...(problem.stage === undefined ? {} : { stage: problem.stage }),
    ...(related.length === 0 ? {} : { related }),
  };
}

/** A mistake in the code of a stage, and the line of the pipeline that brings it in. */
function usedHere(diagnostic: Diagnostic, at: Location | null): Diagnostic {
  if (at === null) return diagnostic;
  if (diagnostic.at === undefined) return { ...diagnostic, at };
  return { ...diagnostic, related: [...(diagnostic.related ?? []), { message: "it is used here", at }] };
}
