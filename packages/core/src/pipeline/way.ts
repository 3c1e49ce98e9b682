import type { StageNode } from "./pipeline.js";

/** The stages that the rows of a stage come through, from their source on, along the inputs named `data`; the stage itself is the last. */
export function wayTo(name: string, nodes: readonly StageNode[]): StageNode[] {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const way: StageNode[] = [];
  for (let at = byName.get(name); at !== undefined; at = byName.get(at.inputs.data?.stage ?? "")) way.unshift(at);
  return way;
}

/** The output port of a stage that carries a model, if it has one. */
export function modelPort(node: StageNode): string | undefined {
  return Object.entries(node.outputs).find(([, { artifact }]) => artifact === "model")?.[0];
}

/** Whether a stage takes rows, and a model that another stage made. */
export function takesModel(node: StageNode, nodes: readonly StageNode[]): boolean {
  if (node.inputs.data === undefined) return false;
  return Object.values(node.inputs).some(
    ({ stage, port }) => nodes.find(({ name }) => name === stage)?.outputs[port]?.artifact === "model",
  );
}

/**
 * The stage that sends rows through a model: for one that learns from rows, itself; for one that makes a model otherwise, such
 * as models/import, the first that takes it together with rows. Undefined where there is none.
 */
export function applierOf(node: StageNode, nodes: readonly StageNode[]): StageNode | undefined {
  if (takesModel(node, nodes) || (modelPort(node) !== undefined && node.inputs.data !== undefined)) return node;
  return nodes.find(
    (other) =>
      takesModel(other, nodes) &&
      Object.values(other.inputs).some(({ stage, port }) => stage === node.name && port === modelPort(node)),
  );
}

/** The stage whose rows answer: as {@link applierOf}, or the stage itself if its rows came through a model, as those of a detector behind a tagger. */
export function answererOf(node: StageNode, nodes: readonly StageNode[]): StageNode | undefined {
  const applier = applierOf(node, nodes);
  if (applier !== undefined || node.outputs.data?.artifact !== "dataset") return applier;
  return wayTo(node.name, nodes).some((step) => step !== node && applierOf(step, nodes) === step) ? node : undefined;
}
