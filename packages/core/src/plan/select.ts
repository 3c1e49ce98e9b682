/** @file Which stages of a pipeline a run is about: a part of it, what runs again, what must not run. */
import { didYouMean } from "../diagnostics/closest.js";
import { type DiagnosticError, fail } from "../diagnostics/diagnostic.js";
import type { Pipeline, StageNode } from "../pipeline/pipeline.js";

/**
 * A part of a pipeline. Whatever the part, stages before it come along: they are taken from the store, or run where it does
 * not have them.
 */
export interface Selection {
  /** These stages, with all that they need; without it, all. */
  readonly targets?: readonly string[] | undefined;
  /** The same; with `from`, the other end of the part. */
  readonly until?: readonly string[] | undefined;
  /** These stages, and all that depends on them. */
  readonly from?: readonly string[] | undefined;
  /** These stages alone: what they need must be in the store. */
  readonly only?: readonly string[] | undefined;
  /** Stages that run although there is a result: these, or all. */
  readonly force?: boolean | readonly string[] | undefined;
  /** What depends on a forced stage runs again too, even where its inputs turn out to be the same. */
  readonly forceDownstream?: boolean | undefined;
  /** Stages that must be in the store, or the run fails: these, or all. */
  readonly frozen?: boolean | readonly string[] | undefined;
}

/** Why a stage must not run. */
export type Held = "frozen" | "only";

/** A selection, worked out. */
export interface Selected {
  /** In topological order. */
  readonly nodes: readonly StageNode[];
  readonly forced: ReadonlySet<string>;
  readonly held: ReadonlyMap<string, Held>;
}

/**
 * Works a selection out.
 * @throws DiagnosticError `unknown-target` for names that are no stages, `selection-conflict` for wishes that exclude each
 *   other.
 */
export function select(pipeline: Pipeline, selection: Selection): Selected {
  checkNames(pipeline, selection);
  checkParts(selection);
  const nodes = partOf(pipeline, selection);
  const names = new Set(nodes.map(({ name }) => name));
  const held = heldIn(names, selection);
  return { nodes, forced: forcedIn(pipeline, names, held, selection), held };
}

function partOf(pipeline: Pipeline, { targets = [], until = [], from = [], only = [] }: Selection) {
  const ends = [...targets, ...until, ...only];
  if (ends.length === 0 && from.length === 0) return pipeline.nodes;
  const before = ends.length === 0 ? null : closure(pipeline.nodes.toReversed(), ends, needsOf(pipeline));
  const after = from.length === 0 ? null : closure(pipeline.nodes, from, usersOf(pipeline));
  if (before === null || after === null) return inPart(pipeline, before ?? closureBefore(pipeline, after ?? new Set()));
  const between = new Set([...after].filter((name) => before.has(name)));
  for (const start of from) {
    if (between.has(start)) continue;
    const end = ends.length === 1 ? `"${ends[0]}"` : ends.map((name) => `"${name}"`).join(" or ");
    throw conflict(
      `"from" names "${start}", and nothing leads from there to ${end}`,
      "Choose an end that depends on it.",
    );
  }
  const apart = ends.find((end) => !between.has(end));
  if (apart !== undefined) {
    throw conflict(`"${apart}" does not depend on what "from" names`, "Leave it out, or run it by itself.");
  }
  return inPart(pipeline, closureBefore(pipeline, between));
}

function inPart(pipeline: Pipeline, part: ReadonlySet<string>): readonly StageNode[] {
  return pipeline.nodes.filter(({ name }) => part.has(name));
}

function closureBefore(pipeline: Pipeline, names: Iterable<string>): Set<string> {
  return closure(pipeline.nodes.toReversed(), names, needsOf(pipeline));
}

/** The names, and all that `next` leads to. The nodes come in an order in which that is known in one pass. */
function closure(
  nodes: readonly StageNode[],
  names: Iterable<string>,
  next: ReadonlyMap<string, readonly string[]>,
): Set<string> {
  const found = new Set(names);
  for (const { name } of nodes) if (found.has(name)) for (const other of next.get(name) ?? []) found.add(other);
  return found;
}

function needsOf({ nodes }: Pipeline): Map<string, string[]> {
  return new Map(nodes.map(({ name, inputs }) => [name, Object.values(inputs).map(({ stage }) => stage)]));
}

function usersOf({ nodes }: Pipeline): Map<string, string[]> {
  const users = new Map<string, string[]>(nodes.map(({ name }) => [name, []]));
  for (const { name, inputs } of nodes) for (const { stage } of Object.values(inputs)) users.get(stage)?.push(name);
  return users;
}

function heldIn(names: ReadonlySet<string>, { only = [], frozen = [] }: Selection): Map<string, Held> {
  const held = new Map<string, Held>();
  if (only.length > 0) for (const name of names) if (!only.includes(name)) held.set(name, "only");
  for (const name of frozen === true ? names : frozen === false ? [] : frozen) {
    if (!names.has(name)) throw notSelected("frozen", name);
    held.set(name, "frozen");
  }
  return held;
}

function forcedIn(
  pipeline: Pipeline,
  names: ReadonlySet<string>,
  held: ReadonlyMap<string, Held>,
  { force = false, forceDownstream = false }: Selection,
): ReadonlySet<string> {
  // All of a part that runs alone is that part.
  const free = [...names].filter((name) => held.get(name) !== "only");
  const named = force === true ? free : force === false ? [] : force;
  for (const name of named) if (!names.has(name)) throw notSelected("force", name);
  if (forceDownstream && named.length === 0) {
    throw conflict('"force_downstream" says nothing without a stage that is forced', "Name it: --force=STAGE.");
  }
  const forced = forceDownstream ? closure(pipeline.nodes, named, usersOf(pipeline)) : new Set(named);
  for (const name of forced) {
    const why = names.has(name) ? held.get(name) : undefined;
    if (why === "frozen")
      throw conflict(`"${name}" cannot be forced to run and frozen at once`, "Leave one of them out.");
    if (why === "only") throw conflict(`"${name}" is forced, and "only" leaves it out`, `Add it: --only=…,${name}.`);
  }
  return new Set([...forced].filter((name) => names.has(name)));
}

function checkNames(pipeline: Pipeline, selection: Selection): void {
  const names = pipeline.nodes.map(({ name }) => name);
  for (const option of ["targets", "until", "from", "only", "force", "frozen"] as const) {
    const wanted = selection[option];
    for (const name of Array.isArray(wanted) ? (wanted as readonly string[]) : []) {
      if (names.includes(name)) continue;
      const which = option === "targets" ? "" : `"${option}" names "${name}": `;
      throw fail("unknown-target", `${which}pipeline "${pipeline.name}" has no stage "${name}"`, {
        hint: didYouMean(name, names, "stage"),
      });
    }
  }
}

function checkParts({ targets = [], until = [], from = [], only = [] }: Selection): void {
  if (only.length > 0 && targets.length + until.length + from.length > 0) {
    const other = targets.length > 0 ? "names of stages" : until.length > 0 ? '"until"' : '"from"';
    throw conflict(
      `"only" and ${other} exclude each other: "only" runs what it names, and nothing before or after`,
      "Give one of them.",
    );
  }
  if (targets.length > 0 && until.length > 0) {
    throw conflict('names of stages and "until" say the same: where to stop', "Give one of them.");
  }
}

function notSelected(option: string, name: string): DiagnosticError {
  return conflict(
    `"${option}" names "${name}", which is not in the part that runs`,
    "Leave it out, or run a larger part.",
  );
}

function conflict(message: string, hint: string): DiagnosticError {
  return fail("selection-conflict", message, { hint });
}
