/** @file The way back: a pipeline as YAML that compiles to the same pipeline. */
import { stringify } from "yaml";
import { fail } from "../diagnostics/diagnostic.js";
import type { Json, JsonObject } from "../json.js";
import type { Pipeline, StageNode } from "../pipeline/pipeline.js";
import type { PipelineSpec, StageSpec } from "../pipeline/spec.js";

type Written = Omit<PipelineSpec, "file" | "directory">;

/** The YAML of a pipeline as it was written: defaults stay unsaid, `${…}` stays a reference. */
export function specToYaml({ name, seed, params, stages, matrix, predict }: Written): string {
  const file = {
    seqloom: 1,
    name,
    ...(seed !== 0 && { seed }),
    ...(Object.keys(params).length > 0 && { params }),
    ...(matrix !== undefined && { matrix }),
    stages: Object.fromEntries(stages.map((stage) => [stage.name, stageOf(stage)])),
    ...(predict !== null && { predict: { ...predict, prepare: predict.prepare.map(stepOf) } }),
  };
  return stringify(file, { version: "1.2", lineWidth: 100, aliasDuplicateObjects: false });
}

/**
 * The YAML of a compiled pipeline with everything resolved: defaults filled in, ports named, no `${…}` left. It compiles to
 * stages with the same keys. A matrix is left out: its parameters are resolved, too.
 * @throws DiagnosticError `not-in-a-file` for a stage that lives in memory only.
 */
export function pipelineToYaml(pipeline: Pipeline): string {
  const { name, seed, params, nodes, predict } = pipeline;
  return specToYaml({
    name,
    seed,
    params: literal(params as JsonObject) as JsonObject,
    stages: nodes.map(specOfNode),
    predict:
      predict === null
        ? null
        : { source: predict.source, model: predict.model, prepare: predict.prepare.map(specOfNode) },
  });
}

function specOfNode(node: StageNode): StageSpec {
  if (node.stage.module === null) {
    throw fail(
      "not-in-a-file",
      `stage "${node.name}" (${node.stage.id}) is defined in memory, where no file can name it`,
      {
        hint: "Put its definition into a file of its own, and use that: `use: ./stages/name.ts`.",
        stage: node.name,
      },
    );
  }
  const inputs = Object.entries(node.inputs).map(([port, from]) => [port, `${from.stage}.${from.port}`]);
  return {
    name: node.name,
    use: node.stage.use ?? node.stage.id,
    inputs: Object.fromEntries(inputs),
    with: literal(node.params) as JsonObject,
    columns: node.columns,
    ...(node.reads !== undefined && { reads: node.reads }),
  };
}

function stageOf({ use, inputs, with: parameters, columns, reads }: StageSpec): JsonObject {
  const only = Object.hasOwn(inputs, "") ? inputs[""] : inputs;
  return {
    use,
    ...(Object.keys(inputs).length > 0 && { in: only as Json }),
    ...stepParts(parameters, columns),
    ...(reads !== undefined && { reads: { ...reads } }),
  };
}

function stepOf({ use, with: parameters, columns }: Omit<StageSpec, "name" | "inputs">): JsonObject {
  return { use, ...stepParts(parameters, columns) };
}

function stepParts(parameters: JsonObject, columns: Readonly<Record<string, string>>): JsonObject {
  return {
    ...(Object.keys(parameters).length > 0 && { with: parameters }),
    ...(Object.keys(columns).length > 0 && { columns }),
  };
}

/** Text that happens to hold `${` must not be taken for a reference. */
export function literal(value: Json): Json {
  if (typeof value === "string") return value.replaceAll("${", "$$${");
  if (Array.isArray(value)) return value.map(literal);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, literal(item)]));
}
