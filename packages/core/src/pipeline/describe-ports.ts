import type { Columns } from "../dataset/columns.js";
import type { DatasetPort, Port, Ports } from "../stages/ports.js";
import type { AnyStage } from "../stages/stage.js";
import type { ResolvedPort } from "./pipeline.js";

/** The input ports of a stage of any kind. */
export function inputPorts(stage: AnyStage): Ports {
  if (stage.kind === "stage") return stage.inputs;
  return { data: stage.input, ...(stage.kind === "estimator" && stage.extra) };
}

/** The output ports of a stage of any kind, as far as the definition says them without an input. */
export function outputPorts(stage: AnyStage, params: Readonly<Record<string, unknown>> | null): Ports {
  switch (stage.kind) {
    case "stage":
      return params !== null && stage.outputsFor !== undefined ? stage.outputsFor(params) : stage.outputs;
    case "map":
      return { data: stage.output };
    case "estimator":
      return {
        data: stage.output,
        state: { artifact: stage.state },
        ...(stage.describe === undefined ? {} : { report: { artifact: "metrics" } }),
      };
  }
}

/** Whether the columns that come in on `data` go out on `data` too. */
export function keepsColumns(stage: AnyStage): boolean {
  return stage.kind !== "stage" || stage.keepsColumns === true;
}

/** Whether a port carries a dataset. */
export function isDataset(port: Port): port is DatasetPort {
  return port.artifact === "dataset";
}

/** A port's columns under the names that they have in the pipeline. */
export function renamedColumns(columns: Columns, names: Readonly<Record<string, string>>): Columns {
  return Object.fromEntries(
    Object.entries(columns).map(([name, type]) => [Object.hasOwn(names, name) ? names[name] : name, type]),
  );
}

/** The columns of a dataset whose maker has problems of its own: nothing can be said of them, so nothing is. */
export const UNKNOWN = Symbol("unknown columns");

/** What the output ports of a stage carry, given what comes in on `data`. A dataset of unknown columns has `null`. */
export function resolveOutputs(
  stage: AnyStage,
  params: Readonly<Record<string, unknown>>,
  data: Columns | typeof UNKNOWN | null,
  names: Readonly<Record<string, string>>,
): Record<string, ResolvedPort> {
  const resolved: Record<string, ResolvedPort> = {};
  for (const [name, port] of Object.entries(outputPorts(stage, params))) {
    const kept = name === "data" && keepsColumns(stage) ? keptOf(stage, params, data ?? {}) : {};
    const known = isDataset(port) && kept !== UNKNOWN;
    const columns = known ? { ...kept, ...renamedColumns(port.columns, names) } : null;
    resolved[name] = { artifact: port.artifact, columns };
  }
  return resolved;
}

function keptOf(
  stage: AnyStage,
  params: Readonly<Record<string, unknown>>,
  data: Columns | typeof UNKNOWN,
): Columns | typeof UNKNOWN {
  if (data === UNKNOWN || stage.kind !== "stage" || stage.dropsColumns === undefined) return data;
  const dropped = stage.dropsColumns(params);
  return Object.fromEntries(Object.entries(data).filter(([name]) => !dropped.includes(name)));
}

/** The port that is meant when none is named: `data`, or else the first. */
export function defaultPort(ports: Readonly<Record<string, unknown>>): string | undefined {
  return "data" in ports ? "data" : Object.keys(ports)[0];
}
