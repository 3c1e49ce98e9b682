/** @file The parameters of a stage as rows that a person reads, on a terminal or in the documentation. */
import { isChoice, type Schema, type TypeStyle, typeText } from "./type-text.js";

/** One parameter. */
export interface ParamRow {
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
  /** The default, as YAML would write it; null where there is none. */
  readonly fallback: string | null;
  readonly description: string;
  /** Where its value is a mapping with keys of its own, or may be one of several: these keys. */
  readonly inside: readonly ParamObject[];
}

/** A mapping with known keys. */
export interface ParamObject {
  readonly description: string;
  readonly rows: readonly ParamRow[];
}

/** Several names of which one is chosen, each with parameters of its own: layers, optimizers. */
export interface ParamChoice {
  /** What the parameters that choose have in common in their names: `layers`, `initializer`. */
  readonly name: string;
  /** The names of the parameters that choose. */
  readonly users: readonly string[];
  readonly options: readonly ParamOption[];
}

/** One name of a choice. */
export interface ParamOption extends ParamObject {
  readonly name: string;
}

/** All that a stage takes: its parameters, and after them, each once, the choices that they offer. */
export interface ParamPage {
  readonly rows: readonly ParamRow[];
  readonly choices: readonly ParamChoice[];
}

/** How the page is written. */
export interface PageStyle {
  value(value: unknown): string;
  /** Points to a choice by its name. */
  choice(name: string): string;
}

/** As on a terminal. */
export const PLAIN: PageStyle = {
  value: (value) => JSON.stringify(value),
  choice: (name) => `${name} (see below)`,
};

/** The parameters of a schema of an object, in its order. */
export function paramPage(schema: object, style: PageStyle = PLAIN): ParamPage {
  const found = choicesOf(schema as Schema);
  const typeStyle: TypeStyle = {
    value: style.value,
    choice: (choice) => style.choice(found.get(identity(choice))?.name ?? ""),
  };
  // A mapping that several parameters take, such as { url, sha256 }, is explained where it comes first.
  const explained = new Set<string>();
  const rows = (object: Schema): ParamRow[] =>
    Object.entries(object.properties ?? {}).map(([name, property]) => ({
      name,
      type: typeText(property, typeStyle),
      required: object.required?.includes(name) ?? false,
      fallback: property.default === undefined ? null : JSON.stringify(property.default),
      description: property.description ?? "",
      inside: objectsOf(property)
        .filter((inner) => !explained.has(identity(inner)) && explained.add(identity(inner)))
        .map((inner) => ({ description: inner.description ?? "", rows: rows(inner) })),
    }));
  return {
    rows: rows(schema as Schema),
    choices: [...found.values()].map(({ schema: choice, name, users }) => ({
      name,
      users,
      options: Object.entries(choice.properties ?? {}).map(([option, inner]) => ({
        name: option,
        description: inner.description ?? "",
        rows: rows(inner),
      })),
    })),
  };
}

interface FoundChoice {
  readonly schema: Schema;
  readonly users: readonly string[];
  readonly name: string;
}

/** Every choice in a schema with the parameters that offer it, the outer ones first. */
function choicesOf(root: Schema): ReadonlyMap<string, FoundChoice> {
  const found = new Map<string, { readonly schema: Schema; readonly users: Set<string> }>();
  const options: Schema[] = [root];
  const visit = (name: string, schema: Schema): void => {
    if (!isChoice(schema)) {
      for (const part of partsOf(schema)) visit(name, part);
      for (const [key, property] of Object.entries(schema.properties ?? {})) visit(key, property);
      return;
    }
    const known = found.get(identity(schema));
    known?.users.add(name);
    if (known !== undefined) return;
    found.set(identity(schema), { schema, users: new Set([name]) });
    options.push(...Object.values(schema.properties ?? {}));
  };
  for (const option of options) {
    for (const [name, property] of Object.entries(option.properties ?? {})) visit(name, property);
  }
  return new Map(
    [...found].map(([key, { schema, users }]) => [key, { schema, users: [...users], name: commonName([...users]) }]),
  );
}

/** The mappings with known keys that a value may be, at any depth of alternatives and lists. */
function objectsOf(schema: Schema): Schema[] {
  if (isChoice(schema)) return [];
  return [...(schema.properties === undefined ? [] : [schema]), ...partsOf(schema).flatMap(objectsOf)];
}

function partsOf({ anyOf, oneOf, items, additionalProperties }: Schema): Schema[] {
  return [...(anyOf ?? []), ...(oneOf ?? []), items, additionalProperties].filter((part) => typeof part === "object");
}

/** Two schemas with the same keys are the same, whatever else is said of each. */
function identity({ properties }: Schema): string {
  return JSON.stringify(properties);
}

/** `initializer` of `kernel_initializer` and `bias_initializer`; the first name where they have no last word in common. */
function commonName(names: readonly string[]): string {
  const last = new Set(names.map((name) => name.split("_").at(-1)));
  return names.length > 1 && last.size === 1 ? ([...last][0] ?? names[0]) : names[0];
}
