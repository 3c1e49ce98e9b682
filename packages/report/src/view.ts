import type { Metrics, Pipeline, RunRecord, StageNode, StageResult, StoredOutput } from "@seqloom/core";
import { anchor } from "./html.js";
import { type DatasetPreview, datasetPreview, isObject } from "./preview.js";

/** One stage of the run with all that the record knows of it. */
export interface StageView {
  readonly name: string;
  readonly result: StageResult;
  /** Its place in the pipeline; null when the record and its pipeline do not agree. */
  readonly node: StageNode | null;
  /** The id of its section in the page. */
  readonly anchor: string;
}

/** A `metrics` output of a stage. */
export interface MetricsView {
  readonly stage: StageView;
  readonly port: string;
  readonly metrics: Metrics;
}

/** A run arranged for reading: its stages, what was measured, what was trained. */
export interface RunView {
  readonly record: RunRecord;
  readonly pipeline: Pipeline;
  readonly stages: readonly StageView[];
  /** What stages of the general form measured: the results of the run. */
  readonly evaluations: readonly MetricsView[];
  /** What estimators tell of their fit where it has curves: trainings. */
  readonly trainings: readonly MetricsView[];
}

/** Arranges a record. */
export function viewOf(record: RunRecord): RunView {
  const nodes = new Map(record.pipeline.nodes.map((node) => [node.name, node]));
  const stages = record.stages.map(
    (result): StageView => ({
      name: result.name,
      result,
      node: nodes.get(result.name) ?? null,
      anchor: anchor("stage", result.name),
    }),
  );
  const measured = stages.flatMap(metricsOf);
  return {
    record,
    pipeline: record.pipeline,
    stages,
    evaluations: measured.filter(({ stage }) => stage.node?.stage.kind === "stage"),
    trainings: measured.filter(
      ({ stage, metrics }) => stage.node?.stage.kind !== "stage" && Object.keys(metrics.curves ?? {}).length > 0,
    ),
  };
}

/** The `metrics` outputs of a stage. */
export function metricsOf(stage: StageView): MetricsView[] {
  return Object.entries(stage.result.outputs)
    .filter(([, output]) => output.artifact === "metrics" && isObject(output.preview))
    .map(([port, output]) => ({ stage, port, metrics: metricsPreview(output) }));
}

function metricsPreview(output: StoredOutput): Metrics {
  const preview = output.preview as unknown as Metrics;
  return { ...preview, values: preview.values ?? {} };
}

/** The stage whose output feeds this input port of a stage, and which of its ports. */
export function upstream(view: RunView, stage: StageView, port: string): { stage: StageView; port: string } | null {
  const reference = stage.node?.inputs[port];
  const source = reference && view.stages.find(({ name }) => name === reference.stage);
  return source ? { stage: source, port: reference.port } : null;
}

/** The dataset that goes into a stage by its port `data`, or by its only dataset port; null when there is none. */
export function inputData(view: RunView, stage: StageView): { stage: StageView; data: DatasetPreview } | null {
  const ports = Object.keys(stage.node?.inputs ?? {});
  for (const port of ["data", ...ports.filter((name) => name !== "data")]) {
    const source = upstream(view, stage, port);
    const data = source && datasetPreview(source.stage.result.outputs[source.port]);
    if (source && data) return { stage: source.stage, data };
  }
  return null;
}
