import { parse } from "yaml";
import { didYouMean } from "../diagnostics/closest.js";
import { type DiagnosticError, fail } from "../diagnostics/diagnostic.js";
import type { Json } from "../json.js";
import type { Assignment, Point } from "./matrix.js";
import { matches } from "./point.js";

/** Shorter beginnings of an id could be anything. */
const LEAST_DIGITS = 4;

/**
 * The points that are meant by a label, the beginning of an id, or some values: `units=64` means all that have it.
 * @throws DiagnosticError `unknown-point`.
 */
export function selectPoints<P extends Point>(points: readonly P[], wanted: string): readonly P[] {
  const labelled = points.filter(({ label }) => label === wanted);
  if (labelled.length > 0) return labelled;
  const named = points.filter(({ id }) => wanted.length >= LEAST_DIGITS && id.startsWith(wanted));
  if (named.length > 0) return named;
  const values = assignmentOf(wanted);
  const found = values === null ? [] : points.filter((point) => matches(point.values, values));
  if (found.length > 0) return found;
  throw noPoint(points, wanted, values);
}

/** `units=64,lr=0.001` as values; null when it is not of that form. A comma inside brackets or quotes belongs to a value. */
export function assignmentOf(text: string): Assignment | null {
  const parts = text.match(/(?:[^,[{"']|\[[^\]]*\]|\{[^}]*\}|"[^"]*"|'[^']*')+/g) ?? [];
  const pairs = parts.map((part) => /^\s*([^=\s]+)\s*=(.*)$/s.exec(part));
  if (pairs.length === 0) return null;
  const entries: [string, Json][] = [];
  for (const pair of pairs) {
    if (pair === null) return null;
    try {
      entries.push([pair[1], parse(pair[2]) as Json]);
    } catch {
      return null;
    }
  }
  return Object.fromEntries(entries);
}

function noPoint(points: readonly Point[], wanted: string, values: Assignment | null): DiagnosticError {
  const names = Object.keys(points[0]?.values ?? {});
  const strange = Object.keys(values ?? {}).find((name) => !names.includes(name));
  if (strange !== undefined) {
    return fail("unknown-point", `no point has a parameter "${strange}"`, {
      hint: didYouMean(strange, names, "parameter"),
    });
  }
  const labels = points.map(({ label }) => label);
  return fail("unknown-point", `the matrix has no point "${wanted}"`, { hint: didYouMean(wanted, labels, "point") });
}
