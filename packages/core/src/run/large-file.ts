import { statSync } from "node:fs";
import { resolve } from "node:path";
import type { StageNode } from "../pipeline/pipeline.js";

/** From so many bytes on it takes noticeable time to compute a digest. */
const LARGE = 64 << 20;

/** A file that a stage reads. */
export interface LargeFile {
  readonly group: string;
  readonly path: string;
  /** The path as the pipeline has it. */
  readonly pattern: string;
}

/** The only file that a source reads, where that is a large one named by its path; null otherwise. */
export function largeFileOf({ stage, files }: StageNode, directory: string): LargeFile | null {
  const groups = Object.entries(files);
  if (!stage.pieces || stage.module === null || groups.length !== 1 || groups[0][1].length !== 1) return null;
  const [[group, [source]]] = groups;
  if (!("path" in source)) return null;
  const path = resolve(directory, source.path);
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats?.isFile() && stats.size >= LARGE ? { group, path, pattern: source.path } : null;
}
