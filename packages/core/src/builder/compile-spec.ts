import type { JsonObject } from "../json.js";
import { compile } from "../pipeline/compile.js";
import { CompileMemo } from "../pipeline/compile-memo.js";
import { paramProblems } from "../pipeline/param-problems.js";
import type { Pipeline } from "../pipeline/pipeline.js";
import type { PipelineSpec, Problem, StageSpec } from "../pipeline/spec.js";
import type { Registry } from "../registry/registry.js";
import type { SweepMatrix } from "../sweep/matrix.js";
import type { SweepPoint } from "../sweep/sweep.js";
import { PointSpecs } from "../yaml/point-specs.js";
import type { PipelineFile } from "../yaml/schema.js";

/** A pipeline with its points; `pipeline` is null where there are problems. */
interface CompiledSpec {
  readonly pipeline: Pipeline | null;
  readonly points: readonly SweepPoint[];
  readonly problems: readonly Problem[];
}

/** Compiles what a builder has put down, and the points of its matrix, as a pipeline file with the same content is. */
export async function compileSpec(
  spec: Pick<PipelineSpec, "name" | "seed" | "params" | "stages" | "predict">,
  matrix: JsonObject | undefined,
  directory: string,
  registry: Registry,
): Promise<CompiledSpec> {
  const { name, seed, params, stages, predict } = spec;
  const entries = stages.map((stage) => [stage.name, asInFile(stage)]);
  const file = { seqloom: 1, name, seed, params, stages: Object.fromEntries(entries) };
  const content = { ...file, ...(predict !== null && { predict }) } as unknown as PipelineFile;
  const problems: Problem[] = [];
  const specs = new PointSpecs(content, { name, file: null, directory });
  const memo = new CompileMemo();
  const compileAt = (at: PipelineSpec) => compile(at, registry, () => null, memo);
  const own = specs.at({}, problems);
  if (matrix === undefined) {
    const compiled = await compileAt(own);
    return { pipeline: compiled.pipeline, points: [], problems: [...problems, ...compiled.problems] };
  }
  const [{ matrixSchema }, { compilePoints }] = await Promise.all([
    import("../sweep/schema.js"),
    import("../yaml/compile-points.js"),
  ]);
  const parsed = matrixSchema.safeParse(matrix);
  if (!parsed.success) problems.push(...paramProblems(parsed.error, matrix, ["matrix"], matrixSchema));
  const checked = parsed.success ? (JSON.parse(JSON.stringify(parsed.data)) as SweepMatrix) : undefined;
  const compiled = await compileAt({ ...own, ...(checked !== undefined && { matrix: checked }) });
  const { pipeline } = compiled;
  const points =
    checked === undefined || pipeline === null
      ? []
      : await compilePoints(checked, content, specs, compileAt, problems, pipeline);
  return { pipeline, points, problems: [...problems, ...compiled.problems] };
}

function asInFile({ use, inputs, with: parameters, columns, reads }: StageSpec): object {
  const names = Object.keys(inputs);
  const given = names.length === 0 ? {} : { in: names[0] === "" ? inputs[""] : inputs };
  return { use, ...given, with: parameters, columns, ...(reads !== undefined && { reads }) };
}
