/**
 * @file A stage that goes through its rows chunk by chunk. Chunks are files of the store: what the coordinator holds is
 * their names, what a worker holds is one of them, and a worker asks for the next when it is done with the last.
 */

import { partName } from "../artifacts/artifact.js";
import type { Digest } from "../brands.js";
import { joinPreviews, summaryOf, widthsOf } from "../dataset/preview.js";
import type { Json } from "../json.js";
import { canonical } from "../keys/canonical.js";
import { sha256 } from "../keys/record.js";
import type { StageInfo } from "../pipeline/pipeline.js";
import { outputOf } from "../run/artifact-files.js";
import type { StoredChunk, StoredFile, StoredOutput } from "../run/record.js";
import type { Task, TaskInput, TaskResult, TaskWork } from "../run/task.js";
import type { Progress } from "../stages/context.js";
import type { Widths } from "../stages/stage.js";
import { stagedPath } from "../store/entry.js";
import type { KnownChunk } from "./known.js";
import { inLanes, type Lend } from "./lanes.js";

/** The file of a dataset in one chunk. */
const DATA = "data.arrow";

/** What streaming needs of the engine. */
export interface StreamScope {
  readonly stage: StageInfo;
  /** Runs a task somewhere. */
  readonly run: (task: Task) => Promise<TaskResult>;
  readonly known: () => Promise<ReadonlyMap<Digest, KnownChunk>>;
  readonly lend: Lend;
  readonly progress: (progress: Progress) => void;
}

/** Whether the engine goes through the rows of this task in chunks. */
export function streams(stage: StageInfo, task: Task): boolean {
  if (stage.isolation !== "thread" || stage.seeded || task.checkpoints !== null) return false;
  if (task.outputs.data === undefined) return false;
  if (stage.pieces) return true;
  return stage.kind !== "stage" && (task.inputs.data?.files.length ?? 0) > 1;
}

type ChunkWork = Extract<TaskWork, { readonly kind: "chunk" }>;

/** One chunk to be. */
interface Planned {
  readonly from: Digest;
  readonly bytes: number;
  readonly task: (work: Pick<ChunkWork, "kind" | "file" | "widths">) => Task;
}

interface Done {
  readonly file: StoredFile;
  readonly chunk: StoredChunk;
  readonly preview: Json | null;
}

/** Does a task chunk by chunk. The bytes of the result depend neither on the cores nor on which chunks were known. */
export async function streamStage(task: Task, scope: StreamScope): Promise<TaskResult> {
  const started = performance.now();
  const { others, chunks } = await prepare(task, scope);
  if (chunks.length === 0) throw new Error("it found no piece to read");
  const known = await scope.known();
  const total = chunks.reduce((sum, { bytes }) => sum + bytes, 0);
  const done: Done[] = [];
  let finished = 0;
  // Chunks of a source must have the widths of the first, which then are part of what they are computed from.
  let widths: Widths | null = null;
  const compute = async (place: number): Promise<void> => {
    const { task: taskOf, bytes, from: content } = chunks[place];
    const from = widths === null ? content : sha256(canonical([content, widths]));
    const file = chunks.length === 1 ? DATA : partName(DATA, place);
    const before = known.get(from);
    if (before !== undefined && (place > 0 || before.preview !== null)) {
      done[place] = { ...before, file: { ...before.file, name: file } };
    } else {
      const { outputs, computeMs } = await scope.run(taskOf({ kind: "chunk", file, widths }));
      const { files, preview } = outputs.data;
      done[place] = { file: files[0], chunk: { from, summary: summaryOf(preview), ms: computeMs }, preview };
    }
    finished += bytes;
    if (chunks.length > 1) scope.progress({ done: finished, total, unit: "bytes" });
  };
  await compute(0);
  if (scope.stage.pieces) widths = widthsOf(done[0].chunk.summary);
  await inLanes(1, chunks.length, scope.lend, compute);
  const computeMs = done.reduce((sum, { chunk }) => sum + chunk.ms, 0);
  return {
    outputs: { ...others, data: joined(task, done) },
    computeMs: Math.max(performance.now() - started, computeMs),
  };
}

/** The chunks of a task, and what had to be computed before them. */
async function prepare(
  task: Task,
  { stage, run }: StreamScope,
): Promise<{ others: TaskResult["outputs"]; chunks: Planned[] }> {
  const outputs = { data: task.outputs.data };
  if (stage.pieces) {
    const { pieces = [] } = await run({ ...task, work: { kind: "pieces" } });
    const chunks = pieces.map((piece): Planned => {
      const from = sha256(canonical(piece.identity));
      return {
        from,
        bytes: piece.bytes,
        task: (work) => ({ ...task, outputs, work: { ...work, firstRow: 0, piece } }),
      };
    });
    return { others: {}, chunks };
  }
  const others = stage.kind === "estimator" ? (await run({ ...task, work: { kind: "fit" } })).outputs : {};
  const { state } = others as { readonly state?: StoredOutput };
  const input = task.inputs.data;
  let row = 0;
  const chunks = input.files.map((file, place): Planned => {
    const firstRow = row;
    row += input.rows?.[place] ?? 0;
    const inputs = {
      data: { ...input, files: [file] },
      ...(state !== undefined && { state: stagedInput(task, "state", state) }),
    };
    return {
      from: state === undefined ? file.digest : sha256(canonical([file.digest, state.digest])),
      bytes: file.size,
      task: (work) => ({ ...task, inputs, outputs, work: { ...work, firstRow } }),
    };
  });
  return { others, chunks };
}

/** An output that lies in the staging folder, as an input. */
function stagedInput(task: Task, port: string, { artifact, digest, files }: StoredOutput): TaskInput {
  const staged = files.map((file) => ({ ...file, path: stagedPath(task.out, port, file.name) }));
  return { artifact, digest, rows: null, files: staged };
}

function joined(task: Task, done: readonly Done[]): StoredOutput {
  const chunks = done.map(({ chunk }) => chunk);
  const summaries = chunks.map(({ summary }) => summary);
  const files = done.map(({ file }) => file);
  return { ...outputOf(task.outputs.data.artifact, files, joinPreviews(done[0].preview, summaries)), chunks };
}
