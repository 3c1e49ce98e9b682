import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { RecordedRun } from "../bundle/recorded-run.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import type { Pipeline, StageNode } from "../pipeline/pipeline.js";

/** The files that the run read from its own machine and that are not here, each with the SHA-256 of what it held. */
export function missingFiles(run: RecordedRun, { nodes, directory }: Pipeline): Diagnostic[] {
  return run.stages.flatMap(({ name: stage, key }) => {
    const { record, files } = run.keys.get(key) as NonNullable<ReturnType<RecordedRun["keys"]["get"]>>;
    const node = nodes.find(({ name }) => name === stage) as StageNode;
    return Object.entries(files).flatMap(([group, names]) => {
      const sources = Object.hasOwn(node.files, group) ? node.files[group] : [];
      // What is named by URL is downloaded, or taken from a mirror.
      if (!sources.every((source) => "path" in source)) return [];
      const digests = Object.hasOwn(record.files, group) ? record.files[group] : [];
      return names.flatMap((name, place): Diagnostic[] => {
        if (existsSync(resolve(directory, name))) return [];
        return [
          {
            code: "replay-file-missing",
            severity: "error",
            message: `there is no file "${name}" here; in the run it had the SHA-256 ${digests[place]?.digest ?? "that is not known"}`,
            hint: `Put a file with this content into "${directory}", or name the folder that has it with --directory.`,
            stage,
          },
        ];
      });
    });
  });
}
