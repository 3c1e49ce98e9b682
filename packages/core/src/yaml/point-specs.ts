import type { Json } from "../json.js";
import type { DeclaredReads } from "../pipeline/pipeline.js";
import type { PipelineSpec, Problem, StageSpec } from "../pipeline/spec.js";
import type { Assignment } from "../sweep/matrix.js";
import { allReferences, interpolate, referencesIn, resolveParams } from "./interpolate.js";
import type { PipelineFile } from "./schema.js";

/** What of a file does not depend on its parameters. */
interface FileFacts {
  readonly name: string;
  readonly file: string;
  readonly directory: string;
}

/**
 * The specifications of one file with different parameters. A stage that refers to none of what differs is the same object
 * in all of them, so that it is checked once.
 */
export class PointSpecs {
  readonly #content: PipelineFile;
  readonly #facts: FileFacts;
  /** What a value of the file refers to: `params.units`, `seed`. */
  readonly #references: ReadonlyMap<string, readonly string[]>;
  readonly #stages = new Map<string, StageSpec>();

  constructor(content: PipelineFile, facts: FileFacts) {
    this.#content = content;
    this.#facts = facts;
    const stages = Object.entries(content.stages);
    this.#references = new Map(stages.map(([name, stage]) => [name, referencesIn((stage.with ?? {}) as Json)]));
  }

  /** The specification with some parameters replaced. */
  at(values: Assignment, problems: Problem[]): PipelineSpec {
    const { name, file, directory } = this.#facts;
    const { stages, predict } = this.#content;
    const own = Object.hasOwn(values, "seed") && !Object.hasOwn(this.#content.params, "seed");
    const seed = own ? (values.seed as number) : this.#content.seed;
    const params = resolveParams(this.#paramsAt(values), name, seed, problems);
    const scope = { name, seed, params };
    const fill = (value: unknown, path: readonly (string | number)[]) =>
      interpolate((value ?? {}) as Json, scope, path, problems) as StageSpec["with"];
    return {
      name,
      seed,
      params,
      stages: Object.entries(stages).map(
        ([stage, { use, in: inputs, with: parameters, columns, reads }]): StageSpec => {
          const seen = this.#references.get(stage)?.map((reference) => valueIn(scope, reference));
          const key = JSON.stringify([stage, seen]);
          const known = this.#stages.get(key);
          if (known !== undefined) return known;
          const spec = {
            name: stage,
            use,
            inputs: inputs === undefined ? {} : typeof inputs === "string" ? { "": inputs } : inputs,
            with: fill(parameters, ["stages", stage, "with"]),
            columns: columns ?? {},
            ...(reads !== undefined && { reads: declaredReads(reads) }),
            references: allReferences((parameters ?? {}) as Json, this.#content.params as Record<string, Json>),
          };
          if (problems.length === 0) this.#stages.set(key, spec);
          return spec;
        },
      ),
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

/** The value of a parameter by its dotted path; undefined where there is none. */
export function paramAt(params: Readonly<Record<string, unknown>>, path: string): Json | undefined {
  return path.split(".").reduce<unknown>((inner, step) => {
    const there = typeof inner === "object" && inner !== null && Object.hasOwn(inner, step);
    return there ? (inner as Readonly<Record<string, unknown>>)[step] : undefined;
  }, params) as Json | undefined;
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

function valueIn(scope: { readonly name: string; readonly seed: number; readonly params: unknown }, reference: string) {
  return paramAt(scope as unknown as Readonly<Record<string, unknown>>, reference) ?? null;
}
