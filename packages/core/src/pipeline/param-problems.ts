import type { z } from "zod";
import { didYouMean } from "../diagnostics/closest.js";
import type { Problem, SpecPath } from "./spec.js";

type Issue = z.core.$ZodIssue;

/** The problems that zod found, each at its own path below `base`, in words that say what is wanted and what was there. */
export function paramProblems(error: z.ZodError, value: unknown, base: SpecPath, schema: unknown): Problem[] {
  const problems = error.issues.flatMap((issue) => fromIssue(issue, value, base, schema));
  // A name that is misspelt is one mistake, not two: "unknown" says it, with the right name; "missing" adds nothing.
  const meant = new Set(problems.flatMap(({ code, hint }) => (code === "unknown-parameter" ? [hint] : [])));
  return problems.filter(({ code, message }) => {
    const name = /([\w-]+)" is missing/.exec(message)?.[1];
    return code !== "missing-parameter" || name === undefined || !meant.has(`Did you mean "${name}"?`);
  });
}

function fromIssue(issue: Issue, value: unknown, base: SpecPath, schema: unknown): Problem[] {
  const path = [...base, ...issue.path.map((part) => (typeof part === "number" ? part : String(part)))];
  const received = at(value, issue.path);
  const name = issue.path.length === 0 ? "this" : `"${dotted(issue.path)}"`;
  if (typeof received === "number" && !Number.isFinite(received)) {
    return [problem("wrong-type", `${name} must be a finite number; received ${received}`, path)];
  }
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => ({
        code: "unknown-parameter",
        message: `there is no parameter "${key}" here`,
        hint: didYouMean(key, keysOf(schema, issue.path), "parameter"),
        path: [...path, key],
        part: "key",
      }));
    case "invalid_union":
      return fromUnion(issue, value, base, schema, path, name, received);
    case "invalid_type": {
      if (received === undefined) return [missing(issue.path, article(issue.expected), path)];
      const message = `${name} must be ${article(issue.expected)}; received ${shown(received)}`;
      const hint = typeHint(issue.expected, received, keysOf(schema, issue.path));
      return [{ ...problem("wrong-type", message, path), ...(hint === undefined ? {} : { hint }) }];
    }
    case "invalid_value": {
      const allowed = issue.values.map(String);
      const wanted = allowed.length === 1 ? allowed[0] : `one of ${allowed.join(", ")}`;
      if (received === undefined) return [missing(issue.path, wanted, path)];
      const message = `${name} must be ${wanted}; received ${shown(received)}`;
      const hint = typeof received === "string" ? didYouMean(received, allowed, "value") : undefined;
      return [{ ...problem("wrong-value", message, path), ...(hint === undefined ? {} : { hint }) }];
    }
    case "too_small":
      return [outOfRange(name, bound(issue, "least"), received, path)];
    case "too_big":
      return [outOfRange(name, bound(issue, "most"), received, path)];
    case "custom":
      return [custom(issue, name, path)];
    default:
      return [problem("wrong-value", `${name}: ${issue.message}`, path)];
  }
}

/** What a schema's own check says; it may name code, hint and the part to underline in the issue's `params`. */
function custom(issue: Extract<Issue, { code: "custom" }>, name: string, path: SpecPath): Problem {
  const { code, hint, part } = (issue.params ?? {}) as Partial<Pick<Problem, "code" | "hint" | "part">>;
  const base = problem(code ?? "wrong-value", code === undefined ? `${name}: ${issue.message}` : issue.message, path);
  return { ...base, ...(part === undefined ? {} : { part }), ...(hint === undefined ? {} : { hint }) };
}

function missing(issuePath: readonly PropertyKey[], wanted: string, path: SpecPath): Problem {
  const key = issuePath.length === 0 ? "…" : String(issuePath.at(-1));
  return {
    code: "missing-parameter",
    message: `"${dotted(issuePath)}" is missing; it must be ${wanted}`,
    hint: `Add \`${key}: …\` here.`,
    path: path.slice(0, -1),
    part: "key",
  };
}

/** Of the forms that a value may have, the one that it comes nearest to: the one whose complaint lies deepest. */
function fromUnion(
  issue: Extract<Issue, { code: "invalid_union" }>,
  value: unknown,
  base: SpecPath,
  schema: unknown,
  path: SpecPath,
  name: string,
  received: unknown,
): Problem[] {
  const branches = issue.errors.filter((issues) => issues.length > 0);
  const depth = (issues: readonly Issue[]): number =>
    Math.max(...issues.map((inner) => inner.path.length + (inner.code === "unrecognized_keys" ? 1 : 0)));
  const deepest = branches.reduce<readonly Issue[] | undefined>(
    (best, issues) => (best === undefined || depth(issues) > depth(best) ? issues : best),
    undefined,
  );
  if (deepest === undefined || depth(deepest) === 0) {
    const expected = [...new Set(branches.flatMap(expectations))].join(" or ");
    if (received === undefined) return [missing(issue.path, expected, path)];
    return [problem("wrong-type", `${name} must be ${expected}; received ${shown(received)}`, path)];
  }
  return deepest.flatMap((inner) => {
    const full = { ...inner, path: [...issue.path, ...inner.path] } as Issue;
    return fromIssue(full, value, base, schema);
  });
}

/** What one form of a union wants; a form that is itself a union wants what any of its forms does. */
function expectations(issues: readonly Issue[]): string[] {
  const [issue] = issues;
  if (issue.code === "invalid_type") return [article(issue.expected)];
  if (issue.code === "invalid_value") return issue.values.map(String);
  if (issue.code === "invalid_union") return issue.errors.filter((inner) => inner.length > 0).flatMap(expectations);
  if (issue.code === "unrecognized_keys") return [article("object")];
  return [issue.message];
}

function outOfRange(name: string, limit: string, received: unknown, path: SpecPath): Problem {
  const message = `${name} must be ${limit}; received ${shown(received)}`;
  return {
    ...problem("out-of-range", message, path),
    hint: `Write ${limit.startsWith("a list") ? limit : `something ${limit}`}.`,
  };
}

/** How to write what is wanted, where the value that is there shows what was meant. */
function typeHint(expected: string, received: unknown, keys: readonly string[]): string | undefined {
  const scalar = typeof received === "number" || typeof received === "string" || typeof received === "boolean";
  if ((expected === "object" || expected === "record") && scalar && keys.length > 0) {
    return `Write it with its name: \`{ ${keys[0]}: ${String(received)} }\`.`;
  }
  if (expected === "array" && received !== null && !Array.isArray(received)) return "Write a list: `[ …, … ]`.";
  if (
    (expected === "number" || expected === "int") &&
    typeof received === "string" &&
    Number.isFinite(Number(received))
  ) {
    return `Write it without quotes: ${received}.`;
  }
  return undefined;
}

function problem(code: string, message: string, path: SpecPath): Problem {
  return { code, message, path, part: "value" };
}

function bound(
  issue: { origin: string; minimum?: unknown; maximum?: unknown; inclusive?: boolean },
  end: "least" | "most",
): string {
  const limit = String(issue.minimum ?? issue.maximum);
  const inclusive = issue.inclusive !== false;
  if (issue.origin === "string") return `at ${end} ${limit} characters long`;
  if (issue.origin === "array") return `a list of at ${end} ${limit} items`;
  if (inclusive) return `at ${end} ${limit}`;
  return end === "least" ? `greater than ${limit}` : `less than ${limit}`;
}

const NOUNS: Readonly<Record<string, string>> = {
  number: "a number",
  int: "a whole number",
  string: "a text",
  boolean: "true or false",
  array: "a list",
  object: "a mapping of keys to values",
  record: "a mapping of keys to values",
  null: "null",
};

function article(expected: string): string {
  return NOUNS[expected] ?? `a ${expected}`;
}

/** A value as a person would write it, with its type, cut to a line. */
export function shown(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === "object") return "a mapping";
  const text = JSON.stringify(value) ?? String(value);
  const kind = typeof value === "string" ? "text" : typeof value;
  return `${text.length > 40 ? `${text.slice(0, 39)}…` : text} (${kind})`;
}

function dotted(path: readonly PropertyKey[]): string {
  return path
    .map((part, i) => (typeof part === "number" ? `[${part}]` : `${i > 0 ? "." : ""}${String(part)}`))
    .join("");
}

function at(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, part) => (inner as Record<PropertyKey, unknown> | null | undefined)?.[part],
    value,
  );
}

/** The keys that the schema allows at a path, as far as plain objects, defaults, optionals and lists lead there. */
function keysOf(schema: unknown, path: readonly PropertyKey[]): string[] {
  let here = unwrap(schema);
  for (const part of path) {
    const shape = here?.shape as Record<PropertyKey, unknown> | undefined;
    here = unwrap(shape?.[part] ?? here?.element ?? here?.valueType);
  }
  const shapes = [here, ...((here?.options as unknown[] | undefined) ?? []).map(unwrap)];
  return shapes.flatMap((inner) => Object.keys((inner?.shape as object | undefined) ?? {}));
}

interface Loose {
  readonly shape?: unknown;
  readonly element?: unknown;
  readonly valueType?: unknown;
  readonly options?: unknown;
  readonly unwrap?: () => unknown;
  readonly def?: {
    readonly type?: unknown;
    readonly innerType?: unknown;
    readonly in?: unknown;
    readonly out?: unknown;
  };
}

function unwrap(schema: unknown): Loose | undefined {
  let here = schema as Loose | undefined;
  for (;;) {
    const pipe = here?.shape === undefined ? here?.def : undefined;
    // What `z.preprocess` makes is a pipe whose first half is a bare transform: the keys are those of the second.
    const half = (pipe?.in as Loose | undefined)?.def?.type === "transform" ? pipe?.out : pipe?.in;
    const inner = here?.def?.innerType ?? half;
    if (inner === undefined) return here;
    here = inner as Loose;
  }
}
