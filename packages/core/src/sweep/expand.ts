import { didYouMean } from "../diagnostics/closest.js";
import type { Json } from "../json.js";
import type { Problem, SpecPath } from "../pipeline/spec.js";
import { Random } from "../random/random.js";
import { hashSeed } from "../random/seed.js";
import { gridValues, stratified, valueAt } from "./draw.js";
import { type Assignment, isRange, MOST_POINTS, type Point, type SweepMatrix } from "./matrix.js";
import { matches, pointOf, sameValue, valueText } from "./point.js";

/** What a matrix is checked against. */
export interface MatrixScope {
  /** The value of a parameter of the pipeline, by dotted path; undefined where there is none. */
  readonly valueOf: (name: string) => Json | undefined;
  /** All names that an axis may have. */
  readonly names: readonly string[];
}

/** The points of a matrix, in order: grid or sample, then `include`. With a problem there are none. */
export function expandMatrix(matrix: SweepMatrix, scope: MatrixScope, problems: Problem[]): Point[] {
  const before = problems.length;
  checkNames(matrix, scope, problems);
  checkAxes(matrix, problems);
  if (problems.length > before) return [];
  const all = combinations(matrix, problems);
  const left = all.filter((values) => !matrix.exclude.some((excluded) => matches(values, excluded)));
  const base = Object.keys(matrix.axes).map((name) => [name, scope.valueOf(name) as Json] as const);
  const included = matrix.include.map((values): Assignment => ({ ...Object.fromEntries(base), ...values }));
  if (problems.length > before) return [];
  const points = [...left, ...included].map(pointOf);
  checkDuplicates(points, left.length, problems);
  if (points.length === 0) report(problems, "matrix-no-points", "`exclude` leaves no point", ["exclude"], "key");
  return problems.length > before ? [] : points;
}

function report(
  problems: Problem[],
  code: string,
  message: string,
  path: SpecPath,
  part: "key" | "value",
  hint?: string,
): void {
  problems.push({ code, message, path: ["matrix", ...path], part, ...(hint !== undefined && { hint }) });
}

function checkNames({ axes, include, exclude }: SweepMatrix, scope: MatrixScope, problems: Problem[]): void {
  const check = (name: string, path: SpecPath, names: readonly string[], noun: string): void => {
    if (names === scope.names ? scope.valueOf(name) !== undefined : names.includes(name)) return;
    const message = noun === "axis" ? `the matrix has no axis "${name}"` : `the pipeline has no parameter "${name}"`;
    const more = noun === "axis" ? "" : " An axis is a name of `params`, or `seed`.";
    report(
      problems,
      "unknown-param",
      message,
      path,
      "key",
      `${didYouMean(name, names, noun === "axis" ? "name" : noun)}${more}`,
    );
  };
  for (const name of Object.keys(axes)) check(name, ["axes", name], scope.names, "parameter");
  for (const [i, values] of include.entries()) {
    for (const name of Object.keys(values)) check(name, ["include", i, name], scope.names, "parameter");
  }
  for (const [i, values] of exclude.entries()) {
    for (const name of Object.keys(values)) check(name, ["exclude", i, name], Object.keys(axes), "axis");
  }
}

function checkAxes({ axes, sample, exclude }: SweepMatrix, problems: Problem[]): void {
  const names = Object.keys(axes);
  if (names.length === 0) report(problems, "matrix-empty", "the matrix has no axes", ["axes"], "key", EXAMPLE);
  for (const [name, axis] of Object.entries(axes)) {
    const path = ["axes", name];
    if (!isRange(axis)) {
      if (axis.length === 0)
        report(problems, "matrix-empty", `the axis "${name}" has no values`, path, "value", EXAMPLE);
      const again = axis.findIndex((value, i) => axis.slice(0, i).some((other) => sameValue(value, other)));
      if (again < 0) continue;
      const message = `the axis "${name}" has ${valueText(axis[again])} twice: its points would be there twice`;
      report(problems, "matrix-duplicate", message, [...path, again], "value", "Remove it.");
    } else if (sample.strategy === "grid" && axis.steps === undefined) {
      const hint = "Add `steps: 5`, or draw from it: `sample: { strategy: random, n: 20 }`.";
      report(problems, "matrix-steps", `a grid needs to know how many values "${name}" has`, path, "value", hint);
    } else if (sample.strategy !== "grid" && axis.steps !== undefined) {
      const hint = "Remove `steps`, or give the values as a list.";
      report(problems, "matrix-steps", "a sample draws from the whole range", [...path, "steps"], "key", hint);
    }
  }
  // What is excluded must be there without it: otherwise it is a slip, and excludes nothing.
  for (const [i, values] of exclude.entries()) {
    for (const [name, value] of Object.entries(values)) {
      const axis = Object.hasOwn(axes, name) ? axes[name] : undefined;
      if (axis === undefined || (isRange(axis) && axis.steps === undefined && sample.strategy === "grid")) continue;
      if (isRange(axis) && sample.strategy !== "grid") {
        const hint = "Exclude values of axes that are lists.";
        const message = `"${name}" is drawn from a range: no point has exactly this value`;
        report(problems, "matrix-exclude", message, ["exclude", i, name], "value", hint);
      } else if (!gridValues(axis).some((other) => matches({ [name]: other }, { [name]: value }))) {
        const there = gridValues(axis).map((other) => JSON.stringify(other));
        const hint = `Its values: ${there.slice(0, 12).join(", ")}${there.length > 12 ? ", …" : ""}.`;
        const message = `this excludes nothing: "${name}" is never ${JSON.stringify(value)}`;
        report(problems, "matrix-exclude", message, ["exclude", i, name], "value", hint);
      }
    }
  }
}

const EXAMPLE = "Give it values: `axes: { units: [32, 64] }`.";

function combinations({ axes, sample, include }: SweepMatrix, problems: Problem[]): Assignment[] {
  const entries = Object.entries(axes);
  const lists = entries.every(([, axis]) => !isRange(axis) || axis.steps !== undefined);
  const size = entries.reduce((product, [, axis]) => product * (isRange(axis) ? (axis.steps ?? 1) : axis.length), 1);
  if (sample.strategy === "grid") {
    if (sample.n !== undefined) {
      const hint = "Remove it, or draw: `strategy: random`.";
      report(
        problems,
        "matrix-sample",
        "a grid takes every combination: `n` has no meaning",
        ["sample", "n"],
        "key",
        hint,
      );
    }
    if (size + include.length <= MOST_POINTS) return grid(entries.map(([name, axis]) => [name, gridValues(axis)]));
    const hint = `Draw some of them: \`sample: { strategy: latin-hypercube, n: 100 }\`. The most are ${MOST_POINTS}.`;
    const message = `the axes make ${size} points, which is too many`;
    report(problems, "matrix-too-many", message, ["axes"], "key", hint);
    return [];
  }
  const { n } = sample;
  if (n === undefined) {
    const hint = "Add `n: 20` to it.";
    report(problems, "matrix-sample", "the sample needs to know how many points to draw", ["sample"], "key", hint);
    return [];
  }
  if (lists && n > size) {
    const message = `${n} points cannot be drawn: there are only ${size}`;
    report(problems, "matrix-sample", message, ["sample", "n"], "value", "Take all: leave `sample` out.");
    return [];
  }
  const root = new Random(hashSeed("seqloom matrix", String(sample.seed)));
  return sample.strategy === "random" ? random(entries, n, root) : latinHypercube(entries, n, root);
}

/** Every combination; the last axis changes fastest. */
function grid(axes: readonly (readonly [string, readonly Json[]])[]): Assignment[] {
  return axes.reduce<Record<string, Json>[]>(
    (rows, [name, values]) => rows.flatMap((row) => values.map((value) => ({ ...row, [name]: value }))),
    [{}],
  );
}

type Axes = readonly (readonly [string, SweepMatrix["axes"][string]])[];

/** Independent draws; one that was drawn before is drawn again. Each axis has a stream of its own. */
function random(axes: Axes, n: number, root: Random): Assignment[] {
  const streams = axes.map(([name]) => root.fork(name));
  const found = new Map<string, Assignment>();
  for (let tries = 0; found.size < n && tries < 100 * n; tries++) {
    const values = Object.fromEntries(axes.map(([name, axis], i) => [name, valueAt(axis, streams[i].uniform())]));
    found.set(pointOf(values).id, values);
  }
  return [...found.values()];
}

/** Points that coincide, which short lists bring about, are one. */
function latinHypercube(axes: Axes, n: number, root: Random): Assignment[] {
  const places = axes.map(([name]) => stratified(n, root.fork(name)));
  const points = Array.from({ length: n }, (_, i) =>
    Object.fromEntries(axes.map(([name, axis], at) => [name, valueAt(axis, places[at][i])])),
  );
  return [...new Map(points.map((values) => [pointOf(values).id, values])).values()];
}

/** Values of an axis are checked before: what is there twice is a range that rounds to fewer numbers, or an `include`. */
function checkDuplicates(points: readonly Point[], drawn: number, problems: Problem[]): void {
  const seen = new Set<string>();
  for (const [at, { id, label }] of points.entries()) {
    if (seen.has(id)) {
      const message = `the point ${label} is there twice`;
      if (at >= drawn) report(problems, "matrix-duplicate", message, ["include", at - drawn], "value", "Remove it.");
      else report(problems, "matrix-duplicate", message, ["axes"], "key", "Give the range fewer `steps`.");
      return;
    }
    seen.add(id);
  }
}
