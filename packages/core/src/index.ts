export type { ArtifactType, EncodedFile } from "./artifacts/artifact.js";
export type { Files, NamedFile } from "./artifacts/files.js";
export { type ArtifactName, type ArtifactValue, artifactType, artifactTypes } from "./artifacts/index.js";
export type { Matrix } from "./artifacts/matrix.js";
export type { Metrics, MetricsAxis, MetricsChart, MetricsTable, PointMap } from "./artifacts/metrics.js";
export type { Model } from "./artifacts/model.js";
export { decodeSafetensors, encodeSafetensors, type TensorData, type TensorType } from "./artifacts/safetensors.js";
export { type Vocabulary, vocabularyFingerprint } from "./artifacts/vocabulary.js";
export type { Digest, Key, RunId, StageId, StageName } from "./brands.js";
export {
  type BuiltPipeline,
  PipelineBuilder,
  type PipelineOptions,
  type PredictOptions,
  withColumns,
} from "./builder/builder.js";
export type { AxisOptions, MatrixOptions, PipelineParams } from "./builder/params.js";
export type { Carries, PortHandle, StageHandle } from "./builder/types.js";
export { Collector, ids, integers, labels, numbers, series, sparse, tags, tokens, utf8 } from "./dataset/build.js";
export * from "./dataset/columns.js";
export { CHUNK_SIZES, type ChunkSizes, cutDataset } from "./dataset/cut.js";
export { Dataset, type Split } from "./dataset/dataset.js";
export { compact, countDictionary, filterDictionary, mapDictionary, tokensOfRow } from "./dataset/dictionary.js";
export { joinDatasets } from "./dataset/join.js";
export { cell, previewDataset } from "./dataset/preview.js";
export { rowsOfSplit } from "./dataset/rows-of-split.js";
export { closest, didYouMean, editDistance } from "./diagnostics/closest.js";
export { type Diagnostic, DiagnosticError, fail, type Location } from "./diagnostics/diagnostic.js";
export { type RenderOptions, renderDiagnostics } from "./diagnostics/render.js";
export * from "./files/index.js";
export type { Json, JsonObject } from "./json.js";
export { type Reason, reasonText } from "./keys/reason.js";
export { type Loaded, type LoadOptions, loadPipeline } from "./load.js";
export type * from "./pipeline/pipeline.js";
export { applierOf, modelPort, wayTo } from "./pipeline/way.js";
export { philox4x32 } from "./random/philox.js";
export { exactLog, Random } from "./random/random.js";
export { hashSeed, rootSeed, type Seed } from "./random/seed.js";
export { openRegistry, type Registry, type RegistryEntry } from "./registry/registry.js";
export type { RunEvent, RunListener } from "./run/events.js";
export { hasDirection, leadingMeasure, lowerIsBetter } from "./run/measures.js";
export type * from "./run/record.js";
export type {
  Checkpoint,
  Checkpoints,
  EpochMetrics,
  FileSource,
  ProfileRow,
  Progress,
  ResolvedFile,
  StageContext,
} from "./stages/context.js";
export { applyStage, type ColumnNames, executeStage } from "./stages/execute.js";
export {
  type DatasetPort,
  dataset,
  type Port,
  type Ports,
  type PortValue,
  type PortValues,
  type ValuePort,
  value,
} from "./stages/ports.js";
export * from "./stages/stage.js";
export type { SweepEvent, SweepListener } from "./sweep/events.js";
export type { Assignment, Axis, Point, RangeAxis, Sample, SweepMatrix } from "./sweep/matrix.js";
export { type Objective, objectiveOf, paretoFront } from "./sweep/pareto.js";
export type { PointResult, SweepRecord } from "./sweep/record.js";
export { selectPoints } from "./sweep/select.js";
export type { Sweep, SweepPoint } from "./sweep/sweep.js";
export { type Row, type SweepTable, sortedBy, sweepTable } from "./sweep/table.js";
