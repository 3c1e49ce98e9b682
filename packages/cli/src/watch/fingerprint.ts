import { statSync } from "node:fs";
import { relative, resolve } from "node:path";
import { findFiles } from "@seqloom/core";
import { loadPipeline } from "@seqloom/core/load";
import { homeOf, manifests } from "../manifests.js";

/** What the files of a pipeline look like: name → a text that changes when the file does. */
export interface Fingerprint {
  take(): Promise<ReadonlyMap<string, string>>;
}

interface Sources {
  /** The pipeline file, and what its own stages are made of. */
  readonly files: readonly string[];
  /** The paths and globs of its data, with their folder. */
  readonly patterns: readonly string[];
  readonly directory: string;
}

/** Looks at the file of a pipeline, at its data, and at the code of its own stages. A file that is broken keeps the others of before. */
export function openFingerprint(file: string, set: Readonly<Record<string, string>>): Fingerprint {
  let sources: Sources = { files: [resolve(file)], patterns: [], directory: "." };
  let known: string | null = null;
  return {
    async take() {
      const own = stateOf(sources.files);
      // What there is to look at changes only with these.
      if (JSON.stringify([...own]) !== known) {
        sources = (await sourcesOf(file, set)) ?? sources;
        known = JSON.stringify([...stateOf(sources.files)]);
      }
      const data: string[] = [];
      for (const pattern of sources.patterns) {
        const found = await findFiles(pattern, sources.directory);
        // What is not there yet may come.
        if ("code" in found) data.push(resolve(sources.directory, pattern));
        else data.push(...found.map(({ path }) => path));
      }
      return stateOf([...sources.files, ...data]);
    },
  };
}

async function sourcesOf(file: string, set: Readonly<Record<string, string>>): Promise<Sources | null> {
  const { pipeline, inputs } = await loadPipeline(file, { manifests: manifests(), set, home: homeOf(file) });
  const files = [resolve(file), ...inputs];
  if (pipeline === null) return null;
  const sources = pipeline.nodes.flatMap((node) => Object.values(node.files).flat());
  const patterns = sources.flatMap((source) => ("path" in source ? [source.path] : []));
  return { files, patterns: [...new Set(patterns)], directory: pipeline.directory };
}

function stateOf(files: readonly string[]): Map<string, string> {
  return new Map(
    [...new Set(files)].map((path) => {
      const stat = statSync(path, { throwIfNoEntry: false, bigint: true });
      // The times of a folder say nothing of the files in it.
      const state =
        stat === undefined ? "gone" : stat.isDirectory() ? "folder" : `${stat.ino} ${stat.size} ${stat.mtimeNs}`;
      return [relative(process.cwd(), path), state];
    }),
  );
}
