import type { StageNode } from "./pipeline.js";

/** What is asked of the stages of one pipeline again and again: found out once, in time that grows with their number. */
interface Ways {
  readonly byName: ReadonlyMap<string, StageNode>;
  /** Stages that take rows, and a model that another stage made. */
  readonly takers: ReadonlySet<StageNode>;
  /** The first of them for each port with a model: "stage port". */
  readonly appliers: ReadonlyMap<string, StageNode>;
  /** Whether the rows of a stage came through a model, for those that were asked about. */
  readonly applied: Map<string, boolean>;
}

const known = new WeakMap<readonly StageNode[], Ways>();

function waysOf(nodes: readonly StageNode[]): Ways {
  const found = known.get(nodes);
  if (found !== undefined && found.byName.size === nodes.length) return found;
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const takers = new Set<StageNode>();
  const appliers = new Map<string, StageNode>();
  for (const node of nodes) {
    if (node.inputs.data === undefined) continue;
    for (const { stage, port } of Object.values(node.inputs)) {
      if (byName.get(stage)?.outputs[port]?.artifact !== "model") continue;
      takers.add(node);
      const key = `${stage} ${port}`;
      if (!appliers.has(key)) appliers.set(key, node);
    }
  }
  const ways = { byName, takers, appliers, applied: new Map<string, boolean>() };
  known.set(nodes, ways);
  return ways;
}

/** The stages that the rows of a stage come through, from their source on, along the inputs named `data`; the stage itself is the last. */
export function wayTo(name: string, nodes: readonly StageNode[]): StageNode[] {
  const { byName } = waysOf(nodes);
  const way: StageNode[] = [];
  for (let at = byName.get(name); at !== undefined; at = byName.get(at.inputs.data?.stage ?? "")) way.push(at);
  return way.reverse();
}

/** The output port of a stage that carries a model, if it has one. */
export function modelPort(node: StageNode): string | undefined {
  return Object.entries(node.outputs).find(([, { artifact }]) => artifact === "model")?.[0];
}

/** Whether a stage takes rows, and a model that another stage made. */
export function takesModel(node: StageNode, nodes: readonly StageNode[]): boolean {
  return waysOf(nodes).takers.has(node);
}

/**
 * The stage that sends rows through a model: for one that learns from rows, itself; for one that makes a model otherwise, such
 * as models/import, the first that takes it together with rows. Undefined where there is none.
 */
export function applierOf(node: StageNode, nodes: readonly StageNode[]): StageNode | undefined {
  const port = modelPort(node);
  if (takesModel(node, nodes) || (port !== undefined && node.inputs.data !== undefined)) return node;
  return port === undefined ? undefined : waysOf(nodes).appliers.get(`${node.name} ${port}`);
}

/** The stage whose rows answer: as {@link applierOf}, or the stage itself if its rows came through a model, as those of a detector behind a tagger. */
export function answererOf(node: StageNode, nodes: readonly StageNode[]): StageNode | undefined {
  const applier = applierOf(node, nodes);
  if (applier !== undefined || node.outputs.data?.artifact !== "dataset") return applier;
  return cameThroughModel(node, nodes) ? node : undefined;
}

/** Whether a stage before this one, along the way of its rows, sent them through a model. */
function cameThroughModel(node: StageNode, nodes: readonly StageNode[]): boolean {
  const { byName, applied } = waysOf(nodes);
  const asked: string[] = [];
  let answer = false;
  for (let at: StageNode | undefined = node; at !== undefined; at = byName.get(at.inputs.data?.stage ?? "")) {
    const before = applied.get(at.name);
    if (before !== undefined || (at !== node && applierOf(at, nodes) === at)) {
      answer = before ?? true;
      break;
    }
    asked.push(at.name);
  }
  for (const name of asked) applied.set(name, answer);
  return answer;
}
