import { z } from "zod";
import type { JsonObject } from "../json.js";
import { frozen } from "./frozen.js";

/** Parameters that a schema made of what was written, or what is wrong with that. */
export type ParsedParams =
  | { readonly success: true; readonly data: JsonObject }
  | { readonly success: false; readonly error: z.ZodError };

/** Checks what was written against a schema, and fills in its defaults. */
export type ParseParams = (schema: z.ZodType, written: JsonObject) => ParsedParams;

/** Checks all of it. */
export function parseParams(schema: z.ZodType, written: JsonObject): ParsedParams {
  return schema.safeParse(written) as ParsedParams;
}

/** A result to which this counts for nothing: the key is left out. */
const ABSENT = Symbol("absent");

/**
 * The same, for many values that differ in a few keys: each value of a key is checked once. That is what the schema of an
 * object does, where nothing is asked of the object as a whole; where something is, or where something is wrong, the
 * schema is asked.
 */
export function parseParamsByKey(): ParseParams {
  const parsers = new Map<z.ZodType, ParseParams>();
  return (schema, written) => {
    const known = parsers.get(schema);
    if (known !== undefined) return known(schema, written);
    const parser = isPlainObject(schema) ? byKey(schema) : parseParams;
    parsers.set(schema, parser);
    return parser(schema, written);
  };
}

/** Whether the schema says of an object what its keys are, and nothing else. */
function isPlainObject(schema: z.ZodType): schema is z.ZodObject {
  if (!(schema instanceof z.ZodObject)) return false;
  const { checks = [], catchall } = schema.def;
  return checks.length === 0 && catchall instanceof z.ZodNever;
}

function byKey(schema: z.ZodObject): ParseParams {
  const keys = Object.entries(schema.shape).map(([name, inner]) => ({
    name,
    inner: inner as z.ZodType,
    // Values by identity: texts, numbers, and objects that were made once for many.
    seen: new Map<unknown, unknown>(),
  }));
  const names = new Set(Object.keys(schema.shape));
  let last: JsonObject | null = null;
  return function parse(_, written): ParsedParams {
    for (const name of Object.keys(written)) if (!names.has(name)) return parseParams(schema, written);
    // A copy of what came out last takes less time and memory than one that grows key by key.
    const data: Record<string, unknown> = last === null ? {} : { ...last };
    for (const { name, inner, seen } of keys) {
      const value = Object.hasOwn(written, name) ? written[name] : ABSENT;
      let result = seen.get(value);
      if (result === undefined && !seen.has(value)) {
        const parsed = inner.safeParse(value === ABSENT ? undefined : value);
        if (!parsed.success) return parseParams(schema, written);
        result = frozen(parsed.data);
        seen.set(value, result);
      }
      if (last !== null && Object.hasOwn(data, name) !== (result !== undefined)) {
        // Other keys: in their own order, as the schema would give them.
        last = null;
        return parse(_, written);
      }
      if (result !== undefined && data[name] !== result) data[name] = result;
    }
    last = Object.freeze(data) as JsonObject;
    return { success: true, data: last };
  };
}
