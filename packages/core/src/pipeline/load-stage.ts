import { didYouMean } from "../diagnostics/closest.js";
import type { Location } from "../diagnostics/diagnostic.js";
import { visible } from "../diagnostics/visible.js";
import type { JsonObject } from "../json.js";
import { READS } from "../keys/record.js";
import { hashSeed, rootSeed } from "../random/seed.js";
import type { Registry } from "../registry/registry.js";
import type { FileSource } from "../stages/context.js";
import type { AnyStage } from "../stages/stage.js";
import { NAME } from "./check-names.js";
import { inputPorts, outputPorts } from "./describe-ports.js";
import { frozen } from "./frozen.js";
import { paramProblems } from "./param-problems.js";
import { type ParseParams, parseParams } from "./parse-params.js";
import type { PortReference, ResolvedPort, StageInfo, StageNode } from "./pipeline.js";
import type { Problem, SpecPath, StageSpec } from "./spec.js";

/** A stage whose own part is checked: it exists and its parameters are right. */
export interface LoadedStage {
  readonly spec: StageSpec;
  readonly info: StageInfo;
  readonly stage: AnyStage;
  readonly params: JsonObject;
  readonly files: Readonly<Record<string, readonly FileSource[]>>;
}

const NO_FILES: LoadedStage["files"] = Object.freeze({});

/** Finds the stage and checks its parameters; `path` is where it stands in the file. */
export async function loadStage(
  spec: StageSpec,
  registry: Registry,
  path: SpecPath,
  problems: Problem[],
  parse: ParseParams = parseParams,
): Promise<LoadedStage | undefined> {
  if (path[0] === "stages" && !NAME.test(spec.name)) {
    const hint = "Use letters, digits, - and _, at most 64, and begin with a letter.";
    problems.push({
      code: "stage-name",
      message: `"${visible(spec.name)}" cannot be the name of a stage`,
      hint,
      path,
      part: "key",
    });
  }
  const refused = registry.refused?.(spec.use);
  if (refused !== undefined) {
    for (const one of refused) {
      // Said once, however many stages use it.
      if (problems.some(({ elsewhere }) => elsewhere === one)) continue;
      const { code, message } = one;
      problems.push({ code, message, path: [...path, "use"], part: "value", stage: spec.name, elsewhere: one });
    }
    return undefined;
  }
  const entry = registry.entry(spec.use);
  if (entry === undefined) {
    const message = `there is no stage "${visible(spec.use)}"`;
    const hint = `${didYouMean(spec.use, registry.ids, "stage")} \`seqloom stages\` lists all.`;
    problems.push({ code: "unknown-stage", message, hint, path: [...path, "use"], part: "value", stage: spec.name });
    return undefined;
  }
  const stage = await registry.load(spec.use);
  const base = [...path, "with"];
  const parsed = parse(stage.params, spec.with);
  if (!parsed.success) {
    for (const problem of paramProblems(parsed.error, spec.with, base, stage.params)) {
      problems.push({ ...problem, stage: spec.name });
    }
    return undefined;
  }
  const params = parsed.data;
  const found = stage.check?.(params) ?? [];
  for (const { path: below, message, hint } of found) {
    const more = hint === undefined ? {} : { hint };
    problems.push({
      code: "wrong-value",
      message,
      path: [...base, ...below],
      part: "value",
      stage: spec.name,
      ...more,
    });
  }
  if (found.length > 0) return undefined;
  checkColumnNames(spec, stage, params, path, problems);
  const files = stage.files?.(params) ?? NO_FILES;
  const { files: more = [] } = spec.reads ?? {};
  if (more.length === 0) return { spec, info: entry.info, stage, params, files };
  const reads = [...(files[READS] ?? []), ...more.map((file) => ({ path: file }))];
  return { spec, info: entry.info, stage, params, files: { ...files, [READS]: reads } };
}

function checkColumnNames(
  spec: StageSpec,
  stage: AnyStage,
  params: JsonObject,
  path: SpecPath,
  problems: Problem[],
): void {
  if (Object.keys(spec.columns).length === 0) return;
  const known = new Set<string>();
  for (const port of [...Object.values(inputPorts(stage)), ...Object.values(outputPorts(stage, params))]) {
    if (!("columns" in port)) continue;
    const groups = [port.columns, port.optional ?? {}, ...(port.oneOf ?? [])];
    for (const group of groups) for (const name of Object.keys(group)) known.add(name);
  }
  const meant = new Map<string, string>();
  for (const [name, actual] of Object.entries(spec.columns)) {
    const other = meant.get(actual);
    meant.set(actual, name);
    if (other !== undefined) {
      problems.push({
        code: "column-twice",
        message: `"${other}" and "${name}" of ${spec.use} are both the column "${actual}"`,
        hint: "Give each a column of its own.",
        path: [...path, "columns", name],
        part: "value",
        stage: spec.name,
      });
    }
    if (known.has(name)) continue;
    const message = `${spec.use} has no column "${name}" to rename`;
    const hint = didYouMean(name, [...known], "column");
    problems.push({
      code: "unknown-column",
      message,
      hint,
      path: [...path, "columns", name],
      part: "key",
      stage: spec.name,
    });
  }
}

/** The seed of a stage depends on the root seed and its name alone. */
export function seedOf(root: number, name: string): string {
  return hashSeed(rootSeed(root), name);
}

/** The frozen node of a checked stage; `inputs`, `outputs` and `at` are frozen. */
export function nodeOf(
  { spec, info, params, files }: LoadedStage,
  inputs: Readonly<Record<string, PortReference>>,
  outputs: Readonly<Record<string, ResolvedPort>>,
  seed: string,
  at: Location | null,
): StageNode {
  const { name, columns, reads, references = [] } = spec;
  const node = { name, stage: info, params: frozen(params), inputs, outputs, columns: frozen(columns), seed, at };
  const more = reads === undefined ? { files: frozen(files) } : { files: frozen(files), reads: frozen(reads) };
  // Its parts are frozen: a copy of them all would cost each of ten thousand points.
  return Object.freeze(
    references.length === 0 ? { ...node, ...more } : { ...node, ...more, references: frozen(references) },
  );
}
