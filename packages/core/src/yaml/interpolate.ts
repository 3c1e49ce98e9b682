import { didYouMean } from "../diagnostics/closest.js";
import type { Json } from "../json.js";
import type { Problem, SpecPath } from "../pipeline/spec.js";

/** The values that `${…}` may name. */
export interface Scope {
  readonly name: string;
  readonly seed: number;
  readonly params: Readonly<Record<string, Json>>;
}

const WHOLE = /^\$\{([^{}]*)\}$/;
const PART = /\$\{([^{}]*)\}|\$\$\{/g;

/**
 * Replaces `${params.x}`, `${seed}` and `${name}`. A string that is nothing but one `${…}` becomes the value with its
 * type; inside a longer string, text, numbers and truth values are written out. `$${` stands for a plain `${`.
 */
export function interpolate(value: Json, scope: Scope, path: SpecPath, problems: Problem[]): Json {
  if (typeof value === "string") return value.includes("${") ? fill(value, scope, path, problems) : value;
  if (Array.isArray(value)) return value.map((item, i) => interpolate(item, scope, [...path, i], problems));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => [key, interpolate(item, scope, [...path, key], problems)]);
  return Object.fromEntries(entries);
}

/** The parameters of a pipeline with references among themselves resolved. */
export function resolveParams(
  params: Readonly<Record<string, Json>>,
  name: string,
  seed: number,
  problems: Problem[],
): Record<string, Json> {
  const done: Record<string, Json> = {};
  const left = new Map(Object.entries(params));
  // Each round resolves those whose references are done; what is left after a round without progress is a cycle.
  for (let progress = true; progress && left.size > 0; ) {
    progress = false;
    for (const [key, value] of left) {
      if (references(value).some((other) => left.has(other))) continue;
      done[key] = interpolate(value, { name, seed, params: done }, ["params", key], problems);
      left.delete(key);
      progress = true;
    }
  }
  for (const key of left.keys()) {
    const message = `the parameter "${key}" refers to itself`;
    problems.push({ code: "param-cycle", message, hint: "Give it a value.", path: ["params", key], part: "value" });
  }
  return done;
}

function references(value: Json): string[] {
  return referencesIn(value).flatMap((inner) => (inner.startsWith("params.") ? [inner.slice(7).split(".")[0]] : []));
}

/** What the `${…}` in a value name. */
export function referencesIn(value: Json): string[] {
  const text = JSON.stringify(value);
  return text.includes("${")
    ? [...text.matchAll(PART)].flatMap(([, inner]) => (inner === undefined ? [] : [inner.trim()]))
    : [];
}

/** The same with what those parameters refer to in their turn. */
export function allReferences(value: Json, params: Readonly<Record<string, Json>>): string[] {
  const found = new Set<string>();
  const follow = (inner: Json): void => {
    for (const reference of referencesIn(inner)) {
      if (found.has(reference)) continue;
      found.add(reference);
      const name = reference.startsWith("params.") ? reference.slice(7).split(".")[0] : "";
      if (Object.hasOwn(params, name)) follow(params[name]);
    }
  };
  follow(value);
  return [...found].sort();
}

function fill(text: string, scope: Scope, path: SpecPath, problems: Problem[]): Json {
  const whole = WHOLE.exec(text);
  if (whole !== null) return lookup(whole[1].trim(), scope, path, problems) ?? null;
  return text.replace(PART, (match, inner: string | undefined) => {
    if (inner === undefined) return "${";
    const value = lookup(inner.trim(), scope, path, problems);
    if (value === undefined) return match;
    if (value !== null && typeof value === "object") {
      const message = `\${${inner}} is ${Array.isArray(value) ? "a list" : "a mapping"} and cannot be part of a text`;
      problems.push({ code: "interpolation", message, hint: "Use it alone, as the whole value.", path, part: "value" });
      return match;
    }
    return String(value);
  });
}

function lookup(reference: string, scope: Scope, path: SpecPath, problems: Problem[]): Json | undefined {
  if (reference === "seed") return scope.seed;
  if (reference === "name") return scope.name;
  const [root, ...steps] = reference.split(".");
  if (root !== "params" || steps.length === 0) {
    const hint = "Write ${params.name}, ${seed} or ${name}.";
    problems.push({ code: "interpolation", message: `\${${reference}} is not known`, hint, path, part: "value" });
    return undefined;
  }
  let value: Json | undefined = scope.params as Json;
  for (const step of steps) {
    const inner: Json | undefined =
      typeof value === "object" && value !== null && Object.hasOwn(value, step)
        ? (value as Record<string, Json>)[step]
        : undefined;
    if (inner === undefined) {
      const names = typeof value === "object" && value !== null ? Object.keys(value) : [];
      const message = `\${${reference}}: there is no parameter "${step}"`;
      problems.push({
        code: "unknown-param",
        message,
        hint: didYouMean(step, names, "parameter"),
        path,
        part: "value",
      });
      return undefined;
    }
    value = inner;
  }
  return value;
}
