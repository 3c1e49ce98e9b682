/** @file Where a run has sounds, and what it computed of them. */
import type { StoredOutput } from "@seqloom/core";
import { datasetPreview, isObject } from "../preview.js";
import { type RunView, type StageView, upstream } from "../view.js";
import type { Feature } from "./clip.js";
import { hasPicture } from "./features.js";

/** Sounds as they are after a stage, until another changes them. */
export interface Sounds {
  /** The stage that made them what they are. */
  readonly stage: StageView;
  /** The dataset that they are read from. */
  readonly output: StoredOutput;
  /** The columns of the samples and of their rate. */
  readonly signal: string;
  readonly rate: string;
  readonly features: readonly Feature[];
  /** The stage that says by CTC what is heard, and where that stands. */
  readonly speech: Speech | null;
}

/** Where the outputs of a model trained by CTC are. */
export interface Speech {
  readonly stage: string;
  readonly probabilities: string;
  readonly predicted: string;
  readonly wanted: string;
  readonly classes: readonly string[];
}

interface Found {
  readonly stage: StageView;
  output: StoredOutput;
  readonly signal: string;
  readonly rate: string;
  readonly features: Feature[];
  speech: Speech | null;
  /** Whether another stage made other sounds of these. */
  used: boolean;
}

/** More are not shown: a report is to be read. */
const MOST = 6;

/** The sounds of a run that are worth showing: those that features were computed of, and those that nothing else was made of. */
export function soundsOf(view: RunView): Sounds[] {
  const all: Found[] = [];
  /** By stage, by column. */
  const heard = new Map<string, Map<string, Found>>();
  for (const stage of view.stages) {
    const output = stage.result.outputs.data;
    if (output === undefined || stage.node === null) continue;
    const called = (name: string): string => stage.node?.columns[name] ?? name;
    const [signal, rate] = [called("signal"), called("sample_rate")];
    if (!hasSound(output, signal, rate)) continue;
    const source = upstream(view, stage, "data");
    const carried = source === null ? new Map<string, Found>() : (heard.get(source.stage.name) ?? new Map());
    const input = source?.stage.result.outputs[source.port];
    const before = carried.get(signal);
    let own = before;
    if (own === undefined || (input !== undefined && !sameCells(input, output, signal))) {
      own = { stage, output, signal, rate, features: [], speech: null, used: false };
      all.push(own);
      if (before !== undefined) before.used = true;
    }
    heard.set(stage.name, new Map([...carried, [signal, own]]));
    if (hasPicture(stage.result.use)) {
      own.features.push({ stage: stage.name, use: stage.result.use, params: stage.node.params });
    }
    const speech = speechOf(stage, called);
    if (speech !== null) Object.assign(own, { speech, output });
  }
  return all.filter(({ features, speech, used }) => features.length > 0 || speech !== null || !used).slice(0, MOST);
}

function hasSound(output: StoredOutput, signal: string, rate: string): boolean {
  const columns = new Map(datasetPreview(output)?.columns.map(({ name, type }) => [name, type]));
  return columns.get(signal) === "series" && columns.get(rate) === "integer";
}

/** Whether the first rows of a column are the same before and after. */
function sameCells(before: StoredOutput, after: StoredOutput, name: string): boolean {
  const cells = (output: StoredOutput): string =>
    JSON.stringify(datasetPreview(output)?.sample.map((row) => row[name] ?? null));
  return cells(before) === cells(after);
}

function speechOf(stage: StageView, called: (name: string) => string): Speech | null {
  const { data, state } = stage.result.outputs;
  const config = isObject(state?.preview) ? state.preview.config : undefined;
  const classes = isObject(config) && config.task === "sequences" ? config.classes : undefined;
  const names = new Set(datasetPreview(data)?.columns.map(({ name }) => name));
  const [probabilities, predicted] = [called("frame_probabilities"), called("predicted_tokens")];
  if (!Array.isArray(classes) || !names.has(probabilities) || !names.has(predicted)) return null;
  const wanted = called("tokens");
  return { stage: stage.name, probabilities, predicted, wanted, classes: (classes as readonly unknown[]).map(String) };
}
