import type { AnyStage } from "@seqloom/core";
import { pipelineFile } from "@seqloom/core/yaml";
import { z } from "zod";

/** A stage, and how a pipeline file names it. */
export interface NamedStage {
  readonly use: string;
  readonly stage: AnyStage;
}

type Schema = { [key: string]: unknown };

/** A stage that is named by its code: a file of the project, or the export of a package. */
const BY_CODE = "^\\.{1,2}/.+\\.[cm]?[jt]s(#.+)?$|^[^#]+#.+$";

/** The JSON Schema of a pipeline file with exactly these stages, in which `use` decides what `with` may hold. */
export function pipelineSchema(stages: readonly NamedStage[]): object {
  const schema = z.toJSONSchema(pipelineFile, { io: "input", unrepresentable: "any" }) as Schema;
  const rules = stages.map(({ use, stage }) => {
    const { $schema: _, ...parameters } = z.toJSONSchema(stage.params, {
      io: "input",
      unrepresentable: "any",
    }) as Schema;
    const { required } = parameters;
    const needed = Array.isArray(required) && required.length > 0 ? { required: ["with"] } : {};
    return {
      if: { properties: { use: { const: use } }, required: ["use"] },
      // biome-ignore lint/suspicious/noThenProperty: "then" is a key of JSON Schema.
      then: { properties: { with: loosened(parameters) }, ...needed },
    };
  });
  const uses = [{ enum: stages.map(({ use }) => use) }, { type: "string", pattern: BY_CODE }];
  const stage = at(schema, "properties", "stages", "additionalProperties");
  const properties = at(stage, "properties");
  properties.use = { description: at(properties, "use").description, anyOf: uses };
  properties.with = { type: "object", description: at(properties, "with").description };
  stage.allOf = rules;
  const step = at(schema, "properties", "predict", "properties", "prepare", "items");
  at(step, "properties").use = { anyOf: uses };
  return { $id: "https://seqloom.dev/pipeline.schema.json", title: "Seqloom pipeline", ...sharing(schema) };
}

/** Smaller schemas are written out wherever they stand. */
const WORTH_SHARING = 300;

/** The schema with what is there several times, such as the layers of a network, written once under `$defs`. */
function sharing(schema: Schema): Schema {
  const seen = new Map<string, number>();
  const count = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    const text = isSchema(value) ? JSON.stringify(value) : "";
    if (text.length >= WORTH_SHARING) {
      const times = (seen.get(text) ?? 0) + 1;
      seen.set(text, times);
      // What is inside of one that is shared is counted once.
      if (times > 1) return;
    }
    for (const inner of Object.values(value)) count(inner);
  };
  count(schema);
  const names = new Map<string, string>();
  const definitions: Schema = {};
  const replace = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(replace);
    if (typeof value !== "object" || value === null) return value;
    const text = isSchema(value) ? JSON.stringify(value) : "";
    const inside = (): Schema => Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, replace(inner)]));
    if ((seen.get(text) ?? 0) < 2) return inside();
    let name = names.get(text);
    if (name === undefined) {
      name = `shared${names.size + 1}`;
      names.set(text, name);
      definitions[name] = inside();
    }
    return { $ref: `#/$defs/${name}` };
  };
  const replaced = replace(schema) as Schema;
  return { ...replaced, $defs: { ...(replaced.$defs as Schema | undefined), ...definitions } };
}

/** Whether an object is a schema, and not a table of some by name. */
function isSchema(value: object): boolean {
  const { type, anyOf, oneOf } = value as Schema;
  return typeof type === "string" || Array.isArray(anyOf) || Array.isArray(oneOf);
}

function at(schema: Schema, ...path: readonly string[]): Schema {
  return path.reduce((inner, step) => inner[step] as Schema, schema);
}

/** Wherever a value is wanted, a `${…}` may stand for it. */
function loosened(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(loosened);
  if (schema === null || typeof schema !== "object") return schema;
  const inner = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, nested(key, value)]));
  const { type, enum: choices } = schema as Schema;
  if (type === "number" || type === "integer" || type === "boolean" || choices !== undefined) {
    return { anyOf: [inner, { type: "string", pattern: "^\\$\\{.*\\}$" }] };
  }
  return inner;
}

const HOLDING_SCHEMAS = ["items", "additionalProperties", "anyOf", "oneOf", "allOf", "prefixItems"];

function nested(key: string, value: unknown): unknown {
  if (key === "properties" && typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, loosened(inner)]));
  }
  return HOLDING_SCHEMAS.includes(key) ? loosened(value) : value;
}
