import type { Column } from "../dataset/columns.js";
import { Dataset } from "../dataset/dataset.js";
import { joinDatasets } from "../dataset/join.js";
import type { StageContext } from "./context.js";
import type { AnyStage, EstimatorDefinition } from "./stage.js";

/** The stage's own name of a column → the name that the column has in the pipeline. */
export type ColumnNames = Readonly<Record<string, string>>;

/** Runs a stage of any kind over decoded inputs: fit and apply for an estimator, apply for a map, run for the rest. */
export async function executeStage(
  stage: AnyStage,
  inputs: Readonly<Record<string, unknown>>,
  params: Readonly<Record<string, unknown>>,
  context: StageContext,
  names: ColumnNames = {},
): Promise<Record<string, unknown>> {
  if (stage.kind === "stage") {
    const own = mapValues(inputs, (value) => (value instanceof Dataset ? toStage(value, names) : value));
    const outputs = await stage.run(own as never, params, context);
    return mapValues(outputs, (value) => (value instanceof Dataset ? fromStage(value, names) : value));
  }
  const { data: rows, ...extra } = inputs;
  const data = toStage(rows as Dataset, names);
  if (stage.kind === "map") return { data: fromStage(await stage.apply(data, params, context), names) };
  const withValidation: StageContext = { ...bound(context), validation: data.ofSplit("validation"), extra };
  const state = await stage.fit(data.ofSplit("train"), params, withValidation);
  const applied = await stage.apply(data, state, params, context);
  const report = stage.describe === undefined ? {} : { report: stage.describe(state) };
  return { data: fromStage(applied, names), state, ...report };
}

/** Fits an estimator to rows that come in chunks; holds all train rows only where it cannot fold. */
export async function fitStage(
  stage: EstimatorDefinition,
  chunks: AsyncIterable<Dataset>,
  params: Readonly<Record<string, unknown>>,
  context: StageContext,
  names: ColumnNames = {},
): Promise<unknown> {
  if (stage.fold !== undefined) return stage.fold(trainRows(chunks, names), params, context);
  const train: Dataset[] = [];
  const validation: Dataset[] = [];
  for await (const chunk of chunks) {
    const own = toStage(chunk, names);
    train.push(own.ofSplit("train"));
    validation.push(own.ofSplit("validation"));
  }
  return stage.fit(joinDatasets(train), params, { ...bound(context), validation: joinDatasets(validation) });
}

async function* trainRows(chunks: AsyncIterable<Dataset>, names: ColumnNames): AsyncGenerator<Dataset> {
  for await (const chunk of chunks) yield toStage(chunk, names).ofSplit("train");
}

/** Applies a map, or an estimator with a state that was fitted before, to rows: one step of prediction. */
export async function applyStage(
  stage: AnyStage,
  data: Dataset,
  state: unknown,
  params: Readonly<Record<string, unknown>>,
  context: StageContext,
  names: ColumnNames = {},
): Promise<Dataset> {
  switch (stage.kind) {
    case "map":
      return fromStage(await stage.apply(toStage(data, names), params, context), names);
    case "estimator":
      return fromStage(await stage.apply(toStage(data, names), state as never, params, context), names);
    case "stage":
      if (stage.inference === "skip") return data;
      if (stage.inference === "source") throw new Error(`stage ${stage.id} is a source: it has no rows to apply to`);
      return (await executeStage(stage, { data }, params, context, names)).data as Dataset;
  }
}

/** Methods of a context must keep working on a copy. */
function bound(context: StageContext): StageContext {
  return {
    stage: context.stage,
    random: context.random,
    signal: context.signal,
    files: context.files,
    scratch: context.scratch,
    device: context.device,
    firstRow: context.firstRow,
    validation: context.validation,
    extra: context.extra,
    progress: (progress) => context.progress(progress),
    epoch: (epoch, epochs, metrics) => context.epoch(epoch, epochs, metrics),
    log: (message) => context.log(message),
    ...(context.profile !== undefined && { profile: (rows) => context.profile?.(rows) }),
    ...(context.checkpoint !== undefined && { checkpoint: context.checkpoint }),
  };
}

/** Marks a column that is out of the stage's sight because its name is taken by a renamed one. */
const HIDDEN = "\u0000";

function toStage(data: Dataset, names: ColumnNames): Dataset {
  const own = new Map(Object.entries(names).map(([name, actual]) => [actual, name]));
  const taken = new Set(own.values());
  const columns = [...data.columns].map(([name, column]): readonly [string, Column] => {
    const renamed = own.get(name);
    if (renamed !== undefined) return [renamed, column];
    return [taken.has(name) ? HIDDEN + name : name, column];
  });
  return own.size === 0 ? data : Dataset.of(columns, data.rows);
}

function fromStage(data: Dataset, names: ColumnNames): Dataset {
  if (Object.keys(names).length === 0) return data;
  const columns = [...data.columns].map(([name, column]): readonly [string, Column] =>
    name.startsWith(HIDDEN)
      ? [name.slice(HIDDEN.length), column]
      : [Object.hasOwn(names, name) ? names[name] : name, column],
  );
  return Dataset.of(columns, data.rows);
}

function mapValues(record: object, change: (value: unknown) => unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).map(([name, item]) => [name, change(item)]));
}
