import { parse } from "yaml";
import { didYouMean } from "../diagnostics/closest.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import type { Json } from "../json.js";
import { tooDeepAt, UNFIT, unfitIn } from "./depth.js";

/** `--set` of the command line: dotted path → value as YAML text. */
export type Overrides = Readonly<Record<string, string>>;

/**
 * The content of a file with overrides applied: `params.units=64`, `seed=3`, `stages.model.with.epochs=2`. A path must
 * name something that is there, except for a parameter of a stage that has its default.
 */
export function applyOverrides(content: Json, overrides: Overrides): { content: Json; diagnostics: Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const copy = structuredClone(content) as Record<string, Json>;
  for (const [path, text] of Object.entries(overrides)) {
    const problem = set(copy, stepsOf(path), text);
    if (problem !== null)
      diagnostics.push({ code: "set", severity: "error", ...problem, message: `--set ${path}: ${problem.message}` });
  }
  return { content: copy, diagnostics };
}

/** The steps of a dotted path; a place in a list is written `layers.1` or `layers[1]`. */
export function stepsOf(path: string): string[] {
  return path.replace(/\[(\d+)\]/g, ".$1").split(".");
}

function set(
  root: Record<string, Json>,
  steps: readonly string[],
  text: string,
): { message: string; hint: string } | null {
  let value: Json;
  if (tooDeepAt(text) !== null) return { message: UNFIT.deep.message, hint: UNFIT.deep.hint };
  try {
    value = parse(text) as Json;
  } catch {
    return { message: `"${text}" is not YAML`, hint: "Quote it, for example --set 'params.name=\"a: b\"'." };
  }
  const unfit = unfitIn(value);
  if (unfit !== null) return { message: UNFIT[unfit.why].message, hint: UNFIT[unfit.why].hint };
  let at = root as Record<string, Json>;
  for (const [depth, step] of steps.slice(0, -1).entries()) {
    const inner = Object.hasOwn(at, step) ? at[step] : undefined;
    if (typeof inner !== "object" || inner === null) {
      // `with` may be missing where every parameter has its default.
      if (step !== "with" || depth !== 2) return unknown(step, at);
      at[step] = {};
    }
    at = at[step] as Record<string, Json>;
  }
  const last = steps[steps.length - 1];
  const free = steps.length > 3 && steps[0] === "stages" && steps[2] === "with";
  const optional = steps.length === 1 && last === "seed";
  if (!Object.hasOwn(at, last) && !free && !optional) return unknown(last, at);
  if (["__proto__", "constructor", "prototype"].includes(last)) return unknown(last, at);
  at[last] = value;
  return null;
}

function unknown(step: string, at: Readonly<Record<string, Json>>): { message: string; hint: string } {
  return { message: `there is no "${step}"`, hint: didYouMean(step, Object.keys(at), "name") };
}
