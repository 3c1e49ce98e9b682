import type { ArtifactName } from "../artifacts/index.js";
import type { Digest, Key, RunId } from "../brands.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import type { Json } from "../json.js";
import type { Reason } from "../keys/reason.js";
import type { Pipeline } from "../pipeline/pipeline.js";
import type { RemoteSummary } from "../remote/cache.js";
import type { EpochMetrics, ProfileRow } from "../stages/context.js";
import type { Point } from "../sweep/matrix.js";
import type { Undeclared } from "../undeclared/declared.js";
import type { GitState } from "./git.js";

/** One stored file of an output. */
export interface StoredFile {
  readonly name: string;
  readonly digest: Digest;
  readonly size: number;
}

/** What is remembered of one file of a dataset that was computed chunk by chunk, so that it need not be computed again. */
export interface StoredChunk {
  /** Digest of what the chunk was computed from. */
  readonly from: Digest;
  /** As `previewDataset`, without sample rows. */
  readonly summary: Json;
  /** Milliseconds that computing it took. */
  readonly ms: number;
}

/** One stored output of a stage. */
export interface StoredOutput {
  readonly artifact: ArtifactName;
  readonly codec: string;
  /** Digest of the artifact: of the names and digests of its files. */
  readonly digest: Digest;
  readonly files: readonly StoredFile[];
  readonly preview: Json;
  /** One for each file, where the dataset was computed chunk by chunk. No part of the digest. */
  readonly chunks?: readonly StoredChunk[];
}

/** One epoch of training, as it was when the stage really ran. */
export interface EpochRecord {
  readonly epoch: number;
  readonly metrics: EpochMetrics;
  readonly ms: number;
}

/**
 * What became of one stage. `skipped`: not started because another failed, or not ended because the run was interrupted
 * (a diagnostic `interrupted` then says how long it ran).
 */
export interface StageResult {
  readonly name: string;
  readonly use: string;
  readonly status: "hit" | "run" | "failed" | "skipped";
  readonly reasons: readonly Reason[];
  readonly key: Key | null;
  /** Where a hit came from, when not from the store. */
  readonly from?: "remote";
  /** Milliseconds that this run spent on the stage. */
  readonly ms: number;
  /** When that began, milliseconds after the run did. Records of older versions have none of these three. */
  readonly startMs?: number;
  /** How long the stage had been ready by then, and waited: for cores, for another process, for the remote cache. */
  readonly waitMs?: number;
  /** The most memory, bytes, of the process that computed it: one of its own, or for a stage in threads that of the run. */
  readonly peakRss?: number;
  /** Milliseconds that computing the result took, now or when it was first made: what a hit saved. */
  readonly computeMs: number;
  readonly outputs: Readonly<Record<string, StoredOutput>>;
  /** The numbers of its `metrics` outputs. */
  readonly metrics: Readonly<Record<string, number>>;
  readonly epochs: readonly EpochRecord[];
  /** Where its time went, when this run computed it and was asked to profile. Not kept with the result. */
  readonly profile?: readonly ProfileRow[];
  /** What it read and the pipeline does not declare, when this run watched that. */
  readonly undeclared?: Undeclared;
  /** From where it went on, when this run found a checkpoint: `epoch 3`. */
  readonly resumed?: string;
  /** Where the next run goes on, when this one was interrupted after a checkpoint. */
  readonly checkpoint?: string;
  readonly diagnostics: readonly Diagnostic[];
}

/** The record of one run: `runs/<id>/run.json` in the store. */
export interface RunRecord {
  readonly schema: 1;
  readonly run: RunId;
  readonly status: "succeeded" | "failed" | "interrupted";
  readonly pipeline: Pipeline;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly seconds: number;
  readonly stages: readonly StageResult[];
  /** The machine and the software. */
  readonly environment: Readonly<Record<string, string | number>>;
  /** The call that started it, where it was started from the command line; secrets in addresses are left out. */
  readonly command?: readonly string[];
  /** The commit that the pipeline was at, where it lies in a repository. */
  readonly git?: GitState;
  /** The point that it is, where the pipeline has a matrix; with the id of the sweep, where it was run in one. */
  readonly point?: Point & { readonly sweep?: RunId };
  /** What the remote cache gave and took, when it was asked. */
  readonly remote?: RemoteSummary;
  /** Path of the HTML report, when one was written. */
  readonly report: string | null;
  /** What went wrong with the run as a whole, such as a record that could not be written. */
  readonly diagnostics?: readonly Diagnostic[];
}
