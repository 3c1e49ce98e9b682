/** @file The parts of JSON Schema that zod writes, and types in words. */

/** A schema, as far as it is read here. */
export interface Schema {
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
  readonly maxProperties?: number;
  readonly additionalProperties?: Schema | boolean;
  readonly $ref?: string;
}

/** How a type is written where it is shown. */
export interface TypeStyle {
  /** A value that may be given: `"post"`. */
  value(value: unknown): string;
  /** A choice between names with parameters of their own, which stands elsewhere. */
  choice(schema: Schema): string;
}

/** Whether a schema is a choice: one of several names, bare or as the only key of a mapping with its parameters. */
export function isChoice({ type, maxProperties, properties }: Schema): boolean {
  return Array.isArray(type) && type.includes("object") && maxProperties === 1 && properties !== undefined;
}

/** A type in words: `whole number from 1`, `"words" or "treebank"`, `list of text`. */
export function typeText(schema: Schema, style: TypeStyle): string {
  if (schema.const !== undefined) return style.value(schema.const);
  if (isChoice(schema)) return style.choice(schema);
  const options = optionsOf(schema, style);
  if (options !== null) return choices([...new Set(options)]);
  if (Array.isArray(schema.type)) {
    return choices((schema.type as string[]).map((type) => typeText({ ...schema, type }, style)));
  }
  switch (schema.type) {
    case "integer":
      return `whole number${range(schema)}`;
    case "number":
      return `number${range(schema)}`;
    case "boolean":
      return "true or false";
    case "array":
      return `list of ${typeof schema.items === "object" ? typeText(schema.items, style) : "anything"}`;
    case "object":
      return objectText(schema, style);
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
function optionsOf(schema: Schema, style: TypeStyle): string[] | null {
  if (schema.enum !== undefined) return schema.enum.map((value) => style.value(value));
  const alternatives = schema.anyOf ?? schema.oneOf;
  return alternatives === undefined
    ? null
    : alternatives.flatMap((one) => optionsOf(one, style) ?? [typeText(one, style)]);
}

function objectText({ properties, additionalProperties }: Schema, style: TypeStyle): string {
  const names = Object.keys(properties ?? {});
  if (names.length > 0) return `{ ${names.join(", ")} }`;
  return typeof additionalProperties === "object"
    ? `mapping of names to ${typeText(additionalProperties, style)}`
    : "mapping";
}

function choices(texts: readonly string[]): string {
  return texts.length < 2 ? texts.join("") : `${texts.slice(0, -1).join(", ")} or ${texts.at(-1)}`;
}

/** zod bounds whole numbers by what a double can hold; that is no bound worth telling. */
function range({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: Schema): string {
  const known = (value: number | undefined): value is number =>
    value !== undefined && Math.abs(value) < Number.MAX_SAFE_INTEGER;
  if (known(minimum) && known(maximum)) return ` from ${minimum} to ${maximum}`;
  if (known(minimum) && !known(exclusiveMaximum)) return ` from ${minimum}`;
  const parts = [
    ...(known(minimum) ? [`≥ ${minimum}`] : []),
    ...(known(exclusiveMinimum) ? [`> ${exclusiveMinimum}`] : []),
    ...(known(maximum) ? [`≤ ${maximum}`] : []),
    ...(known(exclusiveMaximum) ? [`< ${exclusiveMaximum}`] : []),
  ];
  return parts.length === 0 ? "" : ` ${parts.join(" and ")}`;
}
