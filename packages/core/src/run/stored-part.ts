import { artifactType } from "../artifacts/index.js";
import { DiagnosticError } from "../diagnostics/diagnostic.js";
import type { Store } from "../store/store.js";
import { readArtifact } from "./artifact-files.js";
import type { StoredOutput } from "./record.js";
import { taskInput } from "./stage-runner.js";

/**
 * One part of a stored artifact, some megabytes of what may be much: enough to show what it is.
 * @param part 0 is the first; -1 the last, as of an array
 * @returns null where there is no such part, or the store does not have it as it was written
 */
export async function readStoredPart(store: Store, output: StoredOutput, part: number): Promise<unknown> {
  const input = taskInput(store, output);
  const own = input.files.at(part);
  if (own === undefined) return null;
  const files = artifactType(output.artifact).parts === undefined ? input.files : [own];
  try {
    return await readArtifact({ ...input, files });
  } catch (error) {
    if (error instanceof DiagnosticError) return null;
    throw error;
  }
}
