import type { Json } from "../json.js";
import { frozen } from "../pipeline/frozen.js";
import type { DeclaredReads } from "../pipeline/pipeline.js";
import type { PipelineSpec, Problem, StageSpec } from "../pipeline/spec.js";
import type { Assignment } from "../sweep/matrix.js";
import { allReferences, interpolate, referencesIn, resolveParams, type Scope } from "./interpolate.js";
import type { PipelineFile } from "./schema.js";

/** What of a file does not depend on its parameters. */
interface FileFacts {
  readonly name: string;
  readonly file: string | null;
  readonly directory: string;
}

/** A stage as written, with what of it is the same whatever the parameters are. */
interface Template {
  readonly name: string;
  /** What its parameters refer to, such as `params.units` and `seed`, step by step. */
  readonly names: readonly (readonly string[])[];
  /** Its parameters; `names`: what the value refers to. A value that refers to nothing is never filled in again. */
  readonly parameters: readonly {
    readonly key: string;
    readonly value: Json;
    readonly names: readonly (readonly string[])[];
    readonly filled: Map<string, Json>;
  }[];
  readonly spec: Omit<StageSpec, "with">;
  readonly known: Map<string, StageSpec>;
}

/**
 * The specifications of one file with different parameters. A stage that refers to none of what differs is the same object
 * in all of them, and so is each of its parameters, so that it is checked once.
 */
export class PointSpecs {
  readonly #content: PipelineFile;
  readonly #facts: FileFacts;
  readonly #templates: readonly Template[];
  readonly #paramsRefer: boolean;

  constructor(content: PipelineFile, facts: FileFacts) {
    this.#content = content;
    this.#facts = facts;
    const params = content.params as Record<string, Json>;
    // `$${` refers to nothing, and is to become `${` all the same.
    this.#paramsRefer = JSON.stringify(params).includes("${");
    this.#templates = Object.entries(content.stages).map(([name, stage]) => templateOf(name, stage, params));
  }

  /** The specification with some parameters replaced. */
  at(values: Assignment, problems: Problem[]): PipelineSpec {
    const { name, file, directory } = this.#facts;
    const { predict } = this.#content;
    const own = Object.hasOwn(values, "seed") && !Object.hasOwn(this.#content.params, "seed");
    const seed = own ? (values.seed as number) : this.#content.seed;
    const written = this.#paramsAt(values);
    const plain = !this.#paramsRefer && !Object.values(values).some(mayRefer);
    const params = frozen(plain ? written : resolveParams(written, name, seed, problems));
    const scope = { name, seed, params };
    const fill = (value: unknown, path: readonly (string | number)[]) =>
      interpolate((value ?? {}) as Json, scope, path, problems) as StageSpec["with"];
    return {
      name,
      seed,
      params,
      stages: this.#templates.map((template) => stageAt(template, scope, problems)),
      predict:
        predict === undefined
          ? null
          : {
              ...(predict.source === undefined ? {} : { source: predict.source }),
              ...(predict.model === undefined ? {} : { model: predict.model }),
              prepare: predict.prepare.map((step, i) => ({
                use: step.use,
                with: fill(step.with, ["predict", "prepare", i, "with"]),
                columns: step.columns ?? {},
              })),
            },
      file,
      directory,
    };
  }

  #paramsAt(values: Assignment): Record<string, Json> {
    const params = { ...this.#content.params } as Record<string, Json>;
    for (const [name, value] of Object.entries(values)) {
      if (name !== "seed" || Object.hasOwn(params, name)) setAt(params, name.split("."), value);
    }
    return params;
  }
}

function templateOf(name: string, stage: PipelineFile["stages"][string], params: Record<string, Json>): Template {
  const { use, in: inputs, with: written = {}, columns = {}, reads } = stage;
  return {
    name,
    names: stepsIn(written as Json),
    parameters: Object.entries(written as Record<string, Json>).map(([key, value]) => ({
      key,
      value,
      names: stepsIn(value),
      filled: new Map(),
    })),
    spec: {
      name,
      use,
      inputs: inputs === undefined ? {} : typeof inputs === "string" ? { "": inputs } : inputs,
      columns: frozen(columns),
      ...(reads !== undefined && { reads: declaredReads(reads) }),
      references: frozen(allReferences(written as Json, params)),
    },
    known: new Map(),
  };
}

function stageAt({ name, names, parameters, spec, known }: Template, scope: Scope, problems: Problem[]): StageSpec {
  const meant = textOf(names, scope);
  const before = known.get(meant);
  if (before !== undefined) return before;
  const filled: Record<string, Json> = {};
  for (const { key, value, names: inner, filled: seen } of parameters) {
    const text = textOf(inner, scope);
    const same = seen.get(text);
    const here = same ?? interpolate(value, scope, ["stages", name, "with", key], problems);
    if (same === undefined && problems.length === 0) seen.set(text, here);
    filled[key] = here;
  }
  const stage = { ...spec, with: filled };
  if (problems.length === 0) known.set(meant, stage);
  return stage;
}

/** What the `${…}` in a value name, split at the dots; each once. */
function stepsIn(value: Json): string[][] {
  return [...new Set(referencesIn(value))].map((name) => name.split("."));
}

/** What these references mean here, as text. */
function textOf(names: readonly (readonly string[])[], scope: Scope): string {
  let text = "";
  for (const steps of names) {
    const value = valueAt(scope as unknown as Readonly<Record<string, unknown>>, steps) ?? null;
    text += typeof value === "number" ? `${value},` : `${JSON.stringify(value)},`;
  }
  return text;
}

function mayRefer(value: Json): boolean {
  if (typeof value === "string") return value.includes("${");
  return typeof value === "object" && value !== null && JSON.stringify(value).includes("${");
}

/** The value of a parameter by its dotted path; undefined where there is none. */
export function paramAt(params: Readonly<Record<string, unknown>>, path: string): Json | undefined {
  return valueAt(params, path.split("."));
}

function valueAt(params: Readonly<Record<string, unknown>>, steps: readonly string[]): Json | undefined {
  let inner: unknown = params;
  for (const step of steps) {
    if (typeof inner !== "object" || inner === null || !Object.hasOwn(inner, step)) return undefined;
    inner = (inner as Readonly<Record<string, unknown>>)[step];
  }
  return inner as Json;
}

/** Replaces a value deep inside; what leads there is copied, since other points share it. */
function setAt(params: Record<string, Json>, [step, ...rest]: readonly string[], value: Json): void {
  if (rest.length === 0) {
    params[step] = value;
    return;
  }
  const inner = { ...(params[step] as Readonly<Record<string, Json>>) };
  setAt(inner, rest, value);
  params[step] = inner;
}

/** In an order that does not matter, each once. */
function declaredReads({ files, env }: NonNullable<PipelineFile["stages"][string]["reads"]>): DeclaredReads {
  return {
    ...(files !== undefined && { files: [...new Set(files)] }),
    ...(env !== undefined && { env: [...new Set(env)].sort() }),
  };
}
