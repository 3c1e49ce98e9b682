import type { Pipeline } from "@seqloom/core";
import type { CheckpointMode, Point, RunOptions, Store, Sweep, VerifyMode } from "@seqloom/core/engine";
import { loadPipeline } from "@seqloom/core/load";
import { DiagnosticError, openStore } from "@seqloom/core/start";
import { type Arguments, type Flag, flagValue, UsageError } from "./command.js";
import { homeOf, manifests } from "./manifests.js";
import { overridesOf, wholeNumber } from "./parse.js";

/** Flags that change what a file compiles to. */
export const SETTING_FLAGS: Readonly<Record<string, Flag>> = {
  set: {
    type: "string",
    value: "PATH=VALUE",
    multiple: true,
    description: "Replace a value of the file: params.units=64, stages.model.with.epochs=5",
  },
  seed: { type: "string", value: "N", description: "Replace the seed of the file" },
};

/** The flag that chooses among the points of a matrix. */
export const POINT_FLAG: Flag = {
  type: "string",
  value: "NAME=VALUE,…",
  multiple: true,
  description: "A point of the file's matrix: its label, its id, or values of parameters",
};

const DEVICES = ["simd", "webgpu", "tensorflow", "cpu"];

/** The flag that chooses where models compute. */
export const DEVICE_FLAG: Flag = {
  type: "string",
  value: DEVICES.join("|"),
  description:
    "Where models compute: simd (all cores, the default), webgpu (any GPU), tensorflow (native, if installed), cpu (plain JavaScript)",
};

/** The flag that says how often trainings keep checkpoints. */
export const CHECKPOINTS_FLAG: Flag = {
  type: "string",
  value: "auto|always|off",
  description:
    "How often a training keeps what it has, for a run that goes on after an interruption: as often as costs next to " +
    "nothing (the default), after every epoch, or never. Results do not depend on it",
};

const MODES: readonly CheckpointMode[] = ["auto", "always", "off"];

/** The flag that says how far stored results are looked into. */
export const VERIFY_FLAG: Flag = {
  type: "string",
  value: "size|full",
  description:
    "What a stored result must pass to be taken: its files are there with their sizes (the default), or they are read and " +
    "compared with their digests; what is damaged is made again",
};

const VERIFY_MODES: readonly VerifyMode[] = ["size", "full"];

/** The flag that says how many threads a model uses. */
export const THREADS_FLAG: Flag = {
  type: "string",
  value: "N",
  description: "Threads that a model computes with; results do not depend on it (default: one per core)",
};

/** Flags that say which remote cache is used. */
export const REMOTE_FLAGS: Readonly<Record<string, Flag>> = {
  remote: {
    type: "string",
    value: "ADDRESS",
    description: "Take results from this remote cache too: https://…, s3://bucket/prefix, or a folder",
  },
  "no-remote": { type: "boolean", description: "Use no remote cache, whatever is configured" },
};

/**
 * How a run opens the remote cache, when it has something to compute.
 * @throws UsageError when the flags contradict each other.
 */
export function remoteOf(args: Arguments): RunOptions["remote"] {
  const address = flagValue(args, "remote");
  if (args.has.has("no-remote")) {
    if (address !== undefined)
      throw new UsageError("--remote and --no-remote contradict each other", "Give one of them.");
    return undefined;
  }
  return async (store, directory) => {
    const { openRemoteCache } = await import("@seqloom/core/remote");
    return openRemoteCache(store, { directory, address });
  };
}

/** What a call names: a pipeline, and the point of its matrix that was asked for. */
export interface OpenedPipeline {
  readonly pipeline: Pipeline;
  readonly point: Point | undefined;
  readonly store: Store;
}

/**
 * Loads the pipeline file of a call and opens its store. Where the call names a point, the pipeline is that of the point.
 * @throws DiagnosticError when the file is wrong, or has not exactly one such point; UsageError for a flag that is wrong.
 */
export async function openPipeline(args: Arguments): Promise<OpenedPipeline> {
  if (!args.has.has("point")) return (await openWhole(args)).opened;
  const store = openStore(homeOf(args.positionals[0]));
  const { pipeline, point } = await (await import("./sweeps/open.js")).openPoint(args);
  return { pipeline, point, store };
}

/** The pipeline with the parameters as written; and the points of its matrix, where loading it compiled them. */
async function openWhole(args: Arguments): Promise<{ opened: OpenedPipeline; points: Sweep["points"] | undefined }> {
  const [file] = args.positionals;
  const home = homeOf(file);
  // First: loading keeps what it compiled there, and a store of a newer version is not to be touched.
  const store = openStore(home);
  const loaded = await loadPipeline(file, { manifests: manifests(), set: overridesOf(args), home });
  if (loaded.pipeline === null) throw new DiagnosticError(loaded.diagnostics);
  return { opened: { pipeline: loaded.pipeline, point: undefined, store }, points: loaded.points };
}

/**
 * What a call is about: one pipeline; or several points of its matrix, where it has one and the call does not name one of
 * them alone.
 */
export async function openPipelineOrPoints(args: Arguments): Promise<OpenedPipeline | Sweep> {
  if (!args.has.has("point")) {
    const { opened, points } = await openWhole(args);
    if (opened.pipeline.matrix === undefined) return opened;
    if (points !== undefined) return { pipeline: opened.pipeline, points };
  }
  const store = openStore(homeOf(args.positionals[0]));
  const { openSweep } = await import("./sweeps/open.js");
  const sweep = await openSweep(args);
  if (!args.has.has("point") || sweep.points.length > 1) return sweep;
  const [{ pipeline, ...point }] = sweep.points;
  return { pipeline, point, store };
}

/** @throws UsageError for a device that there is not. */
export async function deviceOf(args: Arguments): Promise<string | undefined> {
  const flag = flagValue(args, "device");
  const variable = process.env.SEQLOOM_DEVICE;
  const device = flag ?? (variable === "" ? undefined : variable);
  if (device === undefined || DEVICES.includes(device)) return device;
  const { didYouMean } = await import("@seqloom/core");
  const where = flag === undefined ? "SEQLOOM_DEVICE: " : "";
  throw new UsageError(`${where}there is no device "${device}"`, didYouMean(device, DEVICES, "device"));
}

/** @throws UsageError for a way to keep checkpoints that there is not. */
export function checkpointsOf(args: Arguments): Promise<CheckpointMode | undefined> {
  return oneOf(args, "checkpoints", MODES);
}

/** @throws UsageError for a way to look at results that there is not, and where none is taken. */
export async function verifyOf(args: Arguments): Promise<VerifyMode | undefined> {
  const mode = await oneOf(args, "verify", VERIFY_MODES);
  if (mode === "full" && args.has.has("dry")) {
    throw new UsageError("--verify full sets aside what is damaged, and --dry changes nothing", "Give one of them.");
  }
  return mode;
}

async function oneOf<T extends string>(args: Arguments, flag: string, values: readonly T[]): Promise<T | undefined> {
  const text = flagValue(args, flag);
  const value = values.find((one) => one === text);
  if (text === undefined || value !== undefined) return value;
  const { didYouMean } = await import("@seqloom/core");
  throw new UsageError(`--${flag} is "${text}"`, didYouMean(text, values, "value"));
}

/** @throws UsageError when `--threads` is not a whole number from 1. */
export function threadsOf(args: Arguments): number | undefined {
  const text = flagValue(args, "threads");
  return text === undefined ? undefined : wholeNumber("threads", text, 1);
}
