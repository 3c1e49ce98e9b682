/** @file What a trained pipeline is outside Seqloom: a folder with weights, layers, vocabularies and the facts that go with them. */
import { chmod, mkdir, mkdtemp, readdir, rename, rm, rmdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import {
  type ArtifactName,
  applierOf,
  artifactType,
  type Files,
  fail,
  type JsonObject,
  type Model,
  modelPort,
  type Pipeline,
  type PortReference,
  type StageNode,
  wayTo,
} from "@seqloom/core";
import { openStored, type Store, type StoredResults } from "@seqloom/core/engine";
import { exportedFiles, modelFacts } from "@seqloom/models";

/** How to export. */
export interface ExportOptions {
  readonly format: "keras" | "safetensors";
  /** It is made; if it is there it must be empty. */
  readonly folder: string;
  readonly device?: string | undefined;
}

/**
 * Writes the model of a stage, what the stages before it learned, and how they are put together. The folder is whole or not there.
 * @returns the files, relative to the folder
 * @throws DiagnosticError `not-trained`, `output-folder`, `model-export`.
 */
export async function exportPipeline(
  pipeline: Pipeline,
  store: Store,
  node: StageNode,
  { format, folder, device }: ExportOptions,
): Promise<string[]> {
  await requireEmpty(folder);
  const applier = applierOf(node, pipeline.nodes);
  const way = wayTo(applier?.name ?? node.name, pipeline.nodes).filter(
    ({ name, stage }) => name !== applier?.name && stage.inference === "run",
  );
  const learned = new Map(way.map((step) => [step.name, learnedBy(step)]));
  const needed = [...learned.values()].flat().map(({ stage }) => stage);
  const results = await openStored(pipeline, store, [node.name, ...needed], { device });
  const model = (await results.read(node.name, modelPort(node) ?? "state")) as Model;

  const files = new Map<string, Uint8Array | string>(exportedFiles(model, format));
  const prepare: JsonObject[] = [];
  for (const { name, stage, params } of way) {
    const own: string[] = [];
    for (const from of learned.get(name) ?? []) {
      for (const file of await encodedResult(from, pipeline, results)) {
        own.push(file.name);
        files.set(file.name, file.bytes);
      }
    }
    prepare.push({ stage: name, use: stage.id, with: params, ...(own.length > 0 && { files: own }) });
  }
  const source = { pipeline: pipeline.name, stage: node.name, use: node.stage.id };
  const facts = { seqloom: "export/1", ...source, ...modelFacts(model), prepare };
  files.set("pipeline.json", `${JSON.stringify(facts, null, 2)}\n`);
  await writeFolder(folder, files);
  return [...files.keys()];
}

/** The output port of a stage that carries files, if it has one. */
export function filesPort(node: StageNode): string | undefined {
  return Object.entries(node.outputs).find(([, { artifact }]) => artifact === "files")?.[0];
}

/**
 * Writes the files that a stage made. The folder is whole or not there.
 * @returns the files, relative to the folder
 * @throws DiagnosticError `not-trained`, `output-folder`.
 */
export async function exportFiles(
  pipeline: Pipeline,
  store: Store,
  node: StageNode,
  { folder, device }: Omit<ExportOptions, "format">,
): Promise<string[]> {
  await requireEmpty(folder);
  const results = await openStored(pipeline, store, [node.name], { device });
  const files = (await results.read(node.name, filesPort(node) ?? "files")) as Files;
  await writeFolder(folder, new Map(files.map(({ name, bytes }) => [name, bytes])));
  return files.map(({ name }) => name);
}

/** What a stage knows beside its parameters: what it learned from rows itself, or what another stage did. */
function learnedBy({ name, stage, inputs }: StageNode): PortReference[] {
  if (stage.kind === "estimator") return [{ stage: name, port: "state" }];
  return Object.entries(inputs).flatMap(([port, from]) => (port === "data" ? [] : [from]));
}

async function encodedResult(from: PortReference, { nodes }: Pipeline, results: StoredResults) {
  const artifact = nodes.find(({ name }) => name === from.stage)?.outputs[from.port]?.artifact as ArtifactName;
  const value = await results.read(from.stage, from.port);
  // Files are for other programs already: a tokenizer.json, not the bytes that the store keeps it in.
  const files = artifact === "files" ? (value as Files) : await artifactType(artifact).encode(value);
  return files.map(({ name, bytes }) => ({ name: `${from.stage}/${name}`, bytes }));
}

/** All of the files at once: they are written beside the folder, which is then put in its place. */
async function writeFolder(folder: string, files: ReadonlyMap<string, Uint8Array | string>): Promise<void> {
  try {
    await mkdir(dirname(folder), { recursive: true });
    const staged = await mkdtemp(join(dirname(folder), ".seqloom-export-"));
    try {
      for (const [name, content] of files) {
        await mkdir(dirname(join(staged, name)), { recursive: true });
        await writeFile(join(staged, name), content);
      }
      // Temporary folders are for their owner alone.
      await chmod(staged, 0o777 & ~process.umask());
      await rmdir(folder).catch(() => {});
      await rename(staged, folder);
    } catch (error) {
      await rm(staged, { recursive: true, force: true });
      throw error;
    }
  } catch (error) {
    throw fail("output-folder", `cannot write ${folder}: ${(error as Error).message}`, {
      hint: "Give a folder that you may write to with --to.",
    });
  }
}

async function requireEmpty(folder: string): Promise<void> {
  let found: string[];
  try {
    found = await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw fail("output-folder", `${folder} is no folder to write to: ${(error as Error).message}`, {
      hint: "Give a new or empty folder with --to.",
    });
  }
  if (found.length === 0) return;
  throw fail(
    "output-folder",
    `${folder} is not empty: it has ${found.slice(0, 3).join(", ")}${found.length > 3 ? ", …" : ""}`,
    {
      hint: "Nothing is written over. Give a new or empty folder with --to.",
    },
  );
}
