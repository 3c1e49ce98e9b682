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
import type { Piece, Widths } from "../stages/stage.js";
import { stagedPath } from "../store/entry.js";
import { Growing } from "./growing.js";
import type { KnownChunk } from "./known.js";
import { inLanes, type Lend } from "./lanes.js";

/** The file of a dataset in one chunk. */
const DATA = "data.arrow";

/** Told the pieces that a task finds. */
export type Found = (pieces: readonly Piece[]) => void;

/** What streaming needs of the engine. */
export interface StreamScope {
  readonly stage: StageInfo;
  /** Runs a task somewhere. */
  readonly run: (task: Task, found?: Found) => Promise<TaskResult>;
  /** Goes on with finding the pieces where that was begun before; else null. */
  readonly begun: (found: Found) => Promise<TaskResult> | null;
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
  const chunks = new Growing<Planned>();
  // Chunks are looked up and computed while others are still being found.
  const finding = find(task, scope, chunks);
  const [found, computed] = await Promise.allSettled([finding, computeAll(scope, chunks, finding)]);
  // What is wrong with finding them is told first, whatever came first.
  if (found.status === "rejected") throw found.reason;
  if (computed.status === "rejected") throw computed.reason;
  const computeMs = computed.value.reduce((sum, { chunk }) => sum + chunk.ms, 0);
  return {
    outputs: { ...found.value, data: joined(task, computed.value) },
    computeMs: Math.max(performance.now() - started, computeMs),
  };
}

/** Adds the chunks of a task to the list; gives what had to be computed before them. */
async function find(task: Task, scope: StreamScope, chunks: Growing<Planned>): Promise<TaskResult["outputs"]> {
  try {
    const others = scope.stage.pieces ? await findPieces(task, scope, chunks) : await findParts(task, scope, chunks);
    chunks.end();
    return others;
  } catch (error) {
    chunks.giveUp();
    throw error;
  }
}

async function computeAll(
  scope: StreamScope,
  chunks: Growing<Planned>,
  own: Promise<unknown>,
): Promise<readonly Done[]> {
  const cores = { own: own.catch(() => {}), lend: scope.lend };
  const [known, several] = await Promise.all([scope.known(), chunks.has(1)]);
  const done: Done[] = [];
  let finished = 0;
  // Chunks of a source must have the widths of the first, which then are part of what they are computed from.
  let widths: Widths | null = null;
  const compute = async (place: number): Promise<void> => {
    const { task: taskOf, bytes, from: content } = chunks.items[place];
    const from = widths === null ? content : sha256(canonical([content, widths]));
    const file = several ? partName(DATA, place) : DATA;
    const before = known.get(from);
    if (before !== undefined && (place > 0 || before.preview !== null)) {
      done[place] = { ...before, file: { ...before.file, name: file } };
    } else {
      const { outputs, computeMs } = await scope.run(taskOf({ kind: "chunk", file, widths }));
      const { files, preview } = outputs.data;
      // Sample rows are of the first chunk; hundreds of others would fill the coordinator's memory.
      const kept = place === 0 ? preview : null;
      done[place] = { file: files[0], chunk: { from, summary: summaryOf(preview), ms: computeMs }, preview: kept };
    }
    finished += bytes;
    if (!several || !chunks.complete) return;
    const total = chunks.items.reduce((sum, one) => sum + one.bytes, 0);
    scope.progress({ done: finished, total, unit: "bytes" });
  };
  await inLanes(0, async (place) => place === 0 && (await chunks.has(0)), cores, compute);
  if (scope.stage.pieces && done.length > 0) widths = widthsOf(done[0].chunk.summary);
  await inLanes(1, (place) => chunks.has(place), cores, compute);
  return done;
}

/** The chunks of a source are its pieces. */
async function findPieces(
  task: Task,
  { run, begun }: StreamScope,
  chunks: Growing<Planned>,
): Promise<TaskResult["outputs"]> {
  const outputs = { data: task.outputs.data };
  const add: Found = (pieces) =>
    chunks.add(
      pieces.map((piece) => ({
        from: sha256(canonical(piece.identity)),
        bytes: piece.bytes,
        task: (work) => ({ ...task, outputs, work: { ...work, firstRow: 0, piece } }),
      })),
    );
  // Whatever ended that before its end: those that it told are the first ones.
  const through = await begun(add)?.then(
    () => true,
    () => false,
  );
  let told = chunks.items.length;
  if (through !== true) {
    await run({ ...task, work: { kind: "pieces", digests: true } }, (pieces) => {
      add(pieces.slice(told));
      told = Math.max(0, told - pieces.length);
    });
  }
  if (chunks.items.length === 0) throw new Error("it found no piece to read");
  return {};
}

/** The chunks of every other stage are the files of its input; an estimator is fitted first. */
async function findParts(
  task: Task,
  { stage, run }: StreamScope,
  chunks: Growing<Planned>,
): Promise<TaskResult["outputs"]> {
  const outputs = { data: task.outputs.data };
  const others = stage.kind === "estimator" ? (await run({ ...task, work: { kind: "fit" } })).outputs : {};
  const { state } = others as { readonly state?: StoredOutput };
  const input = task.inputs.data;
  let row = 0;
  const parts = input.files.map((file, place): Planned => {
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
  chunks.add(parts);
  return others;
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
