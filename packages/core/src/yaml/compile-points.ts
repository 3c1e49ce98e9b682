import { didYouMean } from "../diagnostics/closest.js";
import type { Json } from "../json.js";
import type { Compiled } from "../pipeline/compile.js";
import { shown } from "../pipeline/param-problems.js";
import type { Pipeline } from "../pipeline/pipeline.js";
import type { PipelineSpec, Problem, SpecPath } from "../pipeline/spec.js";
import { gridValues } from "../sweep/draw.js";
import { expandMatrix } from "../sweep/expand.js";
import { epochsOf, trainerOf } from "../sweep/halving.js";
import type { Halving, Point, SweepMatrix } from "../sweep/matrix.js";
import { sameValue, valueText } from "../sweep/point.js";
import type { SweepPoint } from "../sweep/sweep.js";
import { referencesIn } from "./interpolate.js";
import type { Overrides } from "./overrides.js";
import { type PointSpecs, paramAt } from "./point-specs.js";
import type { PipelineFile } from "./schema.js";

/** After so many faulty values there is nothing new to learn. */
const MOST_PROBLEMS = 12;

/** The matrix of a file. A parameter that `--set` replaced has that value at every point. */
export function matrixOf(content: PipelineFile, overrides: Overrides): SweepMatrix | null {
  if (content.matrix === undefined) return null;
  const matrix = JSON.parse(JSON.stringify(content.matrix)) as SweepMatrix;
  const set = Object.keys(overrides).map((path) => path.replace(/^params\./, ""));
  const pinned = set.filter((name) => Object.hasOwn(matrix.axes, name));
  if (pinned.length === 0) return matrix;
  const values = pinned.map((name) => [name, [paramOf(content, name) as Json]] as const);
  const without = (entry: SweepMatrix["include"][number]) => pinned.every((name) => !Object.hasOwn(entry, name));
  return {
    ...matrix,
    axes: { ...matrix.axes, ...Object.fromEntries(values) },
    include: matrix.include.filter(without),
    exclude: matrix.exclude.filter(without),
  };
}

/** The points of a matrix, each compiled. What is wrong with one is said of the value that makes the difference. */
export async function compilePoints(
  matrix: SweepMatrix,
  content: PipelineFile,
  specs: PointSpecs,
  compile: (spec: PipelineSpec) => Promise<Compiled>,
  problems: Problem[],
  pipeline: Pipeline,
): Promise<SweepPoint[]> {
  if (matrix.halving !== undefined) problems.push(...halvingProblems(matrix.halving, pipeline));
  const names = ["seed", ...Object.keys(content.params)];
  const points = expandMatrix(matrix, { names, valueOf: (name) => paramOf(content, name) }, problems);
  checkUse(matrix, content, problems);
  const compiled: SweepPoint[] = [];
  const found = new Map<string, Problem>();
  for (const point of points) {
    const own: Problem[] = [];
    const { pipeline: compiledPoint, problems: more } = await compile(specs.at(point.values, own));
    if (own.length + more.length === 0 && compiledPoint !== null) {
      compiled.push({ ...point, pipeline: compiledPoint });
    }
    for (const problem of [...own, ...more]) {
      const moved = atValue(problem, point, matrix, content);
      found.set(JSON.stringify([moved.path, moved.message]), moved);
    }
    if (found.size >= MOST_PROBLEMS) break;
  }
  problems.push(...found.values());
  return compiled;
}

/** Halving needs a training that can go on, and that is longer than its first rung. */
function halvingProblems({ stage, from }: Halving, pipeline: Pipeline): Problem[] {
  const trainer = trainerOf(pipeline, stage);
  if (trainer === undefined) {
    const names = pipeline.nodes.flatMap(({ name, stage: info }) => (info.resumable === null ? [] : [name]));
    const which = stage === undefined ? "no stage of this pipeline" : `no stage "${stage}"`;
    const message = `there is ${which} that can go on from a checkpoint`;
    const hint = names.length > 0 ? didYouMean(stage ?? "", names, "stage") : "Such as models/train.";
    const path = ["matrix", "halving", ...(stage === undefined ? [] : ["stage"])];
    return [{ code: "halving-stage", message, hint, path, part: stage === undefined ? "key" : "value" }];
  }
  const epochs = epochsOf(trainer) ?? 0;
  if (from < epochs) return [];
  const message = `nothing is left to halve: "${trainer.name}" has ${epochs} epochs, and all points train ${from}`;
  const hint = epochs > 1 ? `Give less than ${epochs}.` : "Train for more epochs.";
  return [{ code: "halving-epochs", message, hint, path: ["matrix", "halving", "from"], part: "value" }];
}

function paramOf(content: PipelineFile, name: string): Json | undefined {
  const param = paramAt(content.params as Readonly<Record<string, unknown>>, name);
  return param === undefined && name === "seed" ? content.seed : param;
}

/** An axis that nothing uses would give the same run again and again. */
function checkUse(matrix: SweepMatrix, content: PipelineFile, problems: Problem[]): void {
  const used = new Set(referencesIn([content.params, content.stages, content.predict ?? null] as unknown as Json));
  for (const name of Object.keys(matrix.axes)) {
    const isSeed = name === "seed" && !Object.hasOwn(content.params, name);
    if (isSeed) problems.push(...gridValues(matrix.axes[name]).flatMap(wrongSeed));
    if (isSeed || paramOf(content, name) === undefined) continue;
    const path = `params.${name}`;
    if ([...used].some((other) => path === other || path.startsWith(`${other}.`) || other.startsWith(`${path}.`)))
      continue;
    problems.push({
      code: "matrix-unused",
      message: `no stage uses the parameter "${name}": all its values would give the same run`,
      hint: `Refer to it where it matters: \`"\${params.${name}}"\`.`,
      path: ["matrix", "axes", name],
      part: "key",
    });
  }
}

function wrongSeed(value: Json, at: number): Problem[] {
  if (Number.isSafeInteger(value) && (value as number) >= 0) return [];
  const message = `a seed must be a whole number from 0; received ${shown(value)}`;
  return [{ code: "wrong-type", message, path: ["matrix", "axes", "seed", at], part: "value" }];
}

/** A problem of a point, moved from the place that uses a value to the value in the matrix. */
function atValue(problem: Problem, { values, label }: Point, matrix: SweepMatrix, content: PipelineFile): Problem {
  const place = { message: "it is used here", path: problem.path, part: problem.part };
  const text = problem.path.reduce<unknown>((at, step) => (at as Record<string, unknown> | undefined)?.[step], content);
  const used = referencesIn((text ?? null) as Json);
  const names = Object.keys(values).filter((name) => used.some((other) => isAbout(other, name)));
  const [name] = names.length > 0 ? names : Object.keys(values);
  const blamed = names.length === 1 ? `${name}=${valueText(values[name])}` : label;
  return {
    ...problem,
    message: `at ${blamed}: ${problem.message}`,
    path: placeOf(name, values[name], matrix),
    part: "value",
    related: [place, ...(problem.related ?? [])],
  };
}

function isAbout(reference: string, axis: string): boolean {
  return reference === axis || reference === `params.${axis}` || reference.startsWith(`params.${axis}.`);
}

function placeOf(name: string, value: Json, { axes, include }: SweepMatrix): SpecPath {
  const axis = Object.hasOwn(axes, name) ? axes[name] : [];
  const at = Array.isArray(axis) ? gridValues(axis).findIndex((other) => sameValue(other, value)) : -1;
  if (at >= 0) return ["matrix", "axes", name, at];
  const entry = include.findIndex((values) => Object.hasOwn(values, name) && sameValue(values[name], value));
  return entry >= 0 ? ["matrix", "include", entry, name] : ["matrix", "axes", name];
}
