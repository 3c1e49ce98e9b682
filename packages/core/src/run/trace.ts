import type { Store } from "../store/store.js";
import type { RunRecord, StageResult } from "./record.js";
import { listRunRecords } from "./records.js";

/** Where an artifact comes from: the stage that gave it, what went into that, and so on back to files. */
export interface Lineage {
  readonly stage: string;
  readonly use: string;
  readonly port: string;
  readonly digest: string;
  readonly key: string | null;
  /** The files that the stage read. */
  readonly files: readonly { readonly name: string; readonly digest: string }[];
  readonly inputs: readonly (Lineage & { readonly to: string })[];
}

/** An artifact that was found, in the newest run that has it. */
export interface Traced {
  readonly run: RunRecord;
  readonly lineage: Lineage;
}

/** A stage that read a file. */
export interface FileUse {
  readonly run: RunRecord;
  readonly stage: string;
  readonly name: string;
}

/** The artifact with a digest, or with a file of this digest, or that begins so; or the outputs of a stage of this name. */
export function traceArtifact(store: Store, wanted: string, run?: RunRecord): Traced[] {
  for (const record of run === undefined ? listRunRecords(store) : [run]) {
    const found = record.stages.flatMap((stage) =>
      Object.entries(stage.outputs)
        .filter(
          ([, { digest, files }]) => stage.name === wanted || begins(wanted, [digest, ...files.map((f) => f.digest)]),
        )
        .map(([port]) => ({ run: record, lineage: lineageOf(store, record, stage, port) })),
    );
    if (found.length > 0) return found;
  }
  return [];
}

/** The stages that read a file of this content, in the newest run of which that is true. */
export function traceFile(store: Store, digest: string): FileUse[] {
  for (const run of listRunRecords(store)) {
    const uses = run.stages.flatMap((stage) =>
      filesOf(store, stage)
        .filter((file) => file.digest === digest)
        .map(({ name }) => ({ run, stage: stage.name, name })),
    );
    if (uses.length > 0) return uses;
  }
  return [];
}

const LEAST_DIGITS = 6;

function begins(wanted: string, digests: readonly string[]): boolean {
  const isDigest = wanted.length >= LEAST_DIGITS && /^[0-9a-f]+$/.test(wanted);
  return isDigest && digests.some((digest) => digest.startsWith(wanted));
}

function lineageOf(store: Store, run: RunRecord, stage: StageResult, port: string): Lineage {
  const node = run.pipeline.nodes.find(({ name }) => name === stage.name);
  const inputs = Object.entries(node?.inputs ?? {}).flatMap(([to, reference]) => {
    const producer = run.stages.find(({ name }) => name === reference.stage);
    return producer === undefined ? [] : [{ ...lineageOf(store, run, producer, reference.port), to }];
  });
  return {
    stage: stage.name,
    use: stage.use,
    port,
    digest: stage.outputs[port]?.digest ?? "",
    key: stage.key,
    files: filesOf(store, stage),
    inputs,
  };
}

function filesOf(store: Store, { key }: StageResult): { readonly name: string; readonly digest: string }[] {
  const stored = key === null ? null : store.storedKey(key);
  return Object.entries(stored?.record.files ?? {}).flatMap(([group, files]) =>
    files.map(({ name, digest }, at) => ({ name: stored?.files[group]?.[at] ?? name ?? group, digest })),
  );
}
