/** @file Which fields of a JSON object make which column of the dataset. */
import { type Column, type Columns, closest, type Json, type ParamProblem } from "@seqloom/core";
import { z } from "zod";
import {
  CELL_TYPES,
  CellProblem,
  type CellType,
  isInt32,
  labelOf,
  labelSink,
  type Numbers,
  numberSink,
  numbersSink,
  textSink,
  tokensSink,
  typeByName,
} from "./sinks.js";
import { SPLITS } from "./splits.js";

const path = z.string().min(1);

const field = z.strictObject({
  from: path.describe("Field of the object; dots go deeper: user.name, or words.0"),
  as: z.enum(CELL_TYPES).optional().describe("Type of the column; by default that of its name, or utf8"),
  names: z.record(z.string(), z.string()).optional().describe("label: what to call a value of the file"),
});

/** The schema of the parameter `columns`. */
export const fieldsParam = z
  .record(z.string().min(1), z.union([path, field]))
  .describe("Columns of the dataset: name → field of the object, or { from, as, names }");

export type FieldsParam = z.output<typeof fieldsParam>;

interface FieldSpec {
  readonly name: string;
  readonly type: CellType;
  readonly from: string;
  readonly names: Readonly<Record<string, string>>;
}

function fieldSpecs(fields: FieldsParam): FieldSpec[] {
  return Object.entries(fields).map(([name, given]) => {
    const { from, as, names } = typeof given === "string" ? { from: given, as: undefined } : given;
    return { name, from, type: as ?? typeByName(name), names: names ?? {} };
  });
}

/** Names and types of these columns. */
export function fieldTypes(fields: FieldsParam): Columns {
  return Object.fromEntries(fieldSpecs(fields).map(({ name, type }) => [name, type]));
}

/** What the schema cannot say of `columns`. */
export function fieldProblems(fields: FieldsParam): ParamProblem[] {
  const specs = fieldSpecs(fields);
  if (specs.length === 0) return [{ path: ["columns"], message: "no column is named", hint: "Write { text: field }." }];
  return specs.flatMap(({ name, type, names }): ParamProblem[] => {
    const problem = (message: string, hint: string): ParamProblem => ({ path: ["columns", name], message, hint });
    if (name === "split" && type !== "label") return [problem("split must be a label", "Leave out as.")];
    const named = Object.keys(names).length > 0;
    return named && type !== "label" ? [problem(`names has no meaning for ${type}`, "It is for labels.")] : [];
  });
}

/** Reads one column from objects. */
export interface JsonColumn {
  readonly name: string;
  /** Takes the column's value out of an object. Throws {@link CellProblem}. */
  add(object: Json): void;
  finish(): Column;
  /** What a person should know of the values, or null. */
  note(): string | null;
}

/** A reader for each column; `widths` are those of rows before. */
export function jsonColumns(fields: FieldsParam, widths: Readonly<Record<string, number>> = {}): JsonColumn[] {
  return fieldSpecs(fields).map((spec) => {
    const { add, finish, note } = readerOf(spec, widths[spec.name]);
    return {
      name: spec.name,
      add: (object) => add(valueAt(object, spec.from)),
      finish,
      note: () => note?.() ?? null,
    };
  });
}

function readerOf(
  spec: FieldSpec,
  width?: number,
): { add(value: Json): void; finish(): Column; note?(): string | null } {
  const { type, name, names } = spec;
  switch (type) {
    case "utf8": {
      const sink = textSink();
      return {
        add: (value) => sink.add(typeof value === "number" ? String(value) : string(value, spec)),
        finish: sink.finish,
      };
    }
    case "label": {
      const split = name === "split";
      const sink = labelSink(split ? SPLITS : []);
      const types = new Set<string>();
      const text = (value: Json): string => {
        types.add(typeof value);
        return typeof value === "number" || typeof value === "boolean" ? String(value) : string(value, spec);
      };
      const add = (value: Json): void => sink.add(value === null && !split ? null : labelOf(text(value), names, split));
      return { add, finish: sink.finish, note: () => (types.size > 1 ? mixedNote(name, types) : null) };
    }
    case "number": {
      const sink = numberSink(type);
      return { add: (value) => sink.add(value === null ? Number.NaN : number(value, spec)), finish: sink.finish };
    }
    case "integer": {
      const sink = numberSink(type);
      const add = (value: Json): void => {
        if (!isInt32(number(value, spec))) throw mistyped(value, spec, "an integer of 32 bits");
        sink.add(value as number);
      };
      return { add, finish: sink.finish };
    }
    case "tokens": {
      const sink = tokensSink();
      const words = (value: Json): readonly string[] =>
        typeof value === "string"
          ? value.split(/\s+/).filter((word) => word !== "")
          : list(value, spec, "a list of strings").map((word) => string(word, spec));
      return { add: (value) => sink.add(words(value)), finish: sink.finish };
    }
    case "series":
    case "vector": {
      const sink = numbersSink(type, width);
      return { add: (value) => sink.add(numbersOf(value, spec)), finish: sink.finish };
    }
  }
}

function mixedNote(name: string, types: ReadonlySet<string>): string {
  const found = [...types].map((type) => `${type}s`).join(" and ");
  return `column "${name}" has ${found}: values that are written alike are one class, such as 1 and "1", or 2 and 2.0`;
}

/** A vector is a list of numbers; a series is that too, or a list of steps that are lists of numbers. */
function numbersOf(value: Json, spec: FieldSpec): Numbers {
  const what = spec.type === "series" ? "a list of numbers, or of lists of numbers" : "a list of numbers";
  const items = list(value, spec, what);
  if (spec.type === "vector") return { values: items.map((item) => numberOrNaN(item, spec)), width: items.length };
  if (!Array.isArray(items[0])) return { values: items.map((item) => numberOrNaN(item, spec)), width: 1 };
  const width = items[0].length;
  const steps = items.map((item) => list(item, spec, what));
  const other = steps.find((step) => step.length !== width);
  if (other !== undefined) {
    const hint = "Every step must have as many numbers as the first.";
    throw new CellProblem(
      "width-differs",
      `"${spec.from}": a step of ${other.length} numbers after a step of ${width}`,
      hint,
    );
  }
  return { values: steps.flatMap((step) => step.map((item) => numberOrNaN(item, spec))), width };
}

function valueAt(object: Json, from: string): Json {
  if (isObject(object) && Object.hasOwn(object, from)) return object[from];
  let value = object;
  for (const [depth, key] of from.split(".").entries()) {
    const inside = typeof value === "object" && value !== null ? (value as Readonly<Record<string, Json>>) : {};
    if (!Object.hasOwn(inside, key)) {
      const where = depth === 0 ? "" : ` in "${from.split(".").slice(0, depth).join(".")}"`;
      const there = Array.isArray(inside) ? [] : Object.keys(inside);
      const near = closest(key, there);
      const hint =
        near === undefined ? `There is: ${there.slice(0, 12).join(", ") || "nothing"}.` : `Did you mean "${near}"?`;
      throw new CellProblem("json-field-missing", `there is no field "${key}"${where}`, hint);
    }
    value = inside[key];
  }
  return value;
}

function isObject(value: Json): value is Readonly<Record<string, Json>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function string(value: Json, spec: FieldSpec): string {
  if (typeof value !== "string") throw mistyped(value, spec, spec.type === "tokens" ? "a list of strings" : "a string");
  return value;
}

function number(value: Json, spec: FieldSpec): number {
  if (typeof value !== "number") throw mistyped(value, spec, "a number");
  return value;
}

function numberOrNaN(value: Json, spec: FieldSpec): number {
  return value === null ? Number.NaN : number(value, spec);
}

function list(value: Json, spec: FieldSpec, expected: string): readonly Json[] {
  if (!Array.isArray(value)) throw mistyped(value, spec, expected);
  return value as readonly Json[];
}

function mistyped(value: Json, { name, from, type }: FieldSpec, expected: string): CellProblem {
  const text = JSON.stringify(value);
  const received = text.length > 40 ? `${text.slice(0, 39)}…` : text;
  const hint = `Column ${name} is ${type}: give it another type with as, or mend the file.`;
  return new CellProblem("json-type", `"${from}" is ${received}, expected ${expected}`, hint);
}
