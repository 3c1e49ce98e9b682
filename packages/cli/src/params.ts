/** @file JSON Schema of parameters, as rows that a person reads. */

/** One parameter of a stage. */
export interface ParamRow {
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
  /** The default, as YAML would write it. */
  readonly fallback: string;
  readonly description: string;
}

/** The parts of JSON Schema that zod writes. */
interface Schema {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema | boolean;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly default?: unknown;
  readonly description?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly additionalProperties?: Schema | boolean;
  readonly $ref?: string;
}

/** The parameters of a schema of an object, in its order. */
export function paramRows(schema: object): ParamRow[] {
  const { properties = {}, required = [] } = schema as Schema;
  return Object.entries(properties).map(([name, property]) => ({
    name,
    type: typeText(property),
    required: required.includes(name),
    fallback: property.default === undefined ? "none" : JSON.stringify(property.default),
    description: property.description ?? "",
  }));
}

/** A type in words: `whole number from 1`, `"words" or "treebank"`, `list of string`. */
export function typeText(schema: Schema): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  const options = optionsOf(schema);
  if (options !== null) return choices([...new Set(options)]);
  if (Array.isArray(schema.type))
    return choices((schema.type as string[]).map((type) => typeText({ ...schema, type })));
  switch (schema.type) {
    case "integer":
      return `whole number${range(schema)}`;
    case "number":
      return `number${range(schema)}`;
    case "boolean":
      return "true or false";
    case "array":
      return `list of ${typeof schema.items === "object" ? typeText(schema.items) : "anything"}`;
    case "object":
      return objectText(schema);
    case "null":
      return "null";
    case undefined:
      return schema.$ref === undefined ? "anything" : "object";
    case "string":
      return "text";
    default:
      return String(schema.type);
  }
}

/** The alternatives of a type, those of alternatives among them; null where there are none. */
function optionsOf(schema: Schema): string[] | null {
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value));
  const alternatives = schema.anyOf ?? schema.oneOf;
  return alternatives === undefined ? null : alternatives.flatMap((one) => optionsOf(one) ?? [typeText(one)]);
}

function objectText({ properties, additionalProperties }: Schema): string {
  const names = Object.keys(properties ?? {});
  if (names.length > 0) return `{${names.slice(0, 6).join(", ")}${names.length > 6 ? ", …" : ""}}`;
  return typeof additionalProperties === "object" ? `names with ${typeText(additionalProperties)}` : "object";
}

function choices(texts: readonly string[]): string {
  const shown = texts.length > 12 ? [...texts.slice(0, 11), `… (${texts.length} in all)`] : texts;
  return shown.length < 2 ? shown.join("") : `${shown.slice(0, -1).join(", ")} or ${shown.at(-1)}`;
}

/** zod bounds whole numbers by what a double can hold; that is no bound worth telling. */
function range({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: Schema): string {
  const known = (value: number | undefined) =>
    value !== undefined && Math.abs(value) < Number.MAX_SAFE_INTEGER ? value : undefined;
  const parts = [
    ...(known(minimum) === undefined ? [] : [`from ${minimum}`]),
    ...(known(exclusiveMinimum) === undefined ? [] : [`above ${exclusiveMinimum}`]),
    ...(known(maximum) === undefined ? [] : [`to ${maximum}`]),
    ...(known(exclusiveMaximum) === undefined ? [] : [`below ${exclusiveMaximum}`]),
  ];
  return parts.length === 0 ? "" : ` ${parts.join(" ")}`;
}
