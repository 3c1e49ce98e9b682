import type { Pipeline, RunRecord, StageNode, StageResult } from "@seqloom/core";

/** What became of a stage, for colouring the graph; absent where nothing has run. */
export type GraphStatus = StageResult["status"];

/** What a node of the graph shows beside its name. */
export interface NodeStatus {
  readonly status: GraphStatus;
  /** Milliseconds that the run spent on it. */
  readonly ms?: number;
}

/** The status of each stage by name. */
export type GraphStatuses = Readonly<Record<string, NodeStatus>>;

/** An edge of the graph: from an output port to an input port. */
export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  /** The output port, where it is not the main one (`data`). */
  readonly label: string;
}

/** The edges of a pipeline, in the order of its stages and their ports. */
export function edgesOf(pipeline: Pipeline): GraphEdge[] {
  return pipeline.nodes.flatMap((node) =>
    Object.values(node.inputs).map(({ stage, port }) => ({
      from: stage,
      to: node.name,
      label: port === "data" || port === mainPort(pipeline, stage) ? "" : port,
    })),
  );
}

function mainPort(pipeline: Pipeline, stage: string): string | undefined {
  const ports = Object.keys(pipeline.nodes.find(({ name }) => name === stage)?.outputs ?? {});
  return ports.length === 1 ? ports[0] : undefined;
}

/** The statuses that a record holds. */
export function statusesOf(record: RunRecord): GraphStatuses {
  return Object.fromEntries(record.stages.map(({ name, status, ms }) => [name, { status, ms }]));
}

/** The text of a node: its name, the stage that it uses. */
export function nodeLines(node: StageNode): readonly [string, string] {
  return [node.name, node.stage.id];
}
