import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { loadPipeline, type Pipeline, type RunRecord, renderDiagnostics, type StageResult } from "@seqloom/core";
import { openStore, type RunOptions, runPipeline } from "@seqloom/core/engine";

/** The root of the checkout. */
export const root = fileURLToPath(new URL("../..", import.meta.url));

/** The folder of data sets that tests on real data read, or null where there is none: such tests are then skipped, visibly. */
export const mirror: string | null = (() => {
  const folder = process.env.SEQLOOM_MIRROR ?? resolve(root, "../shared/data");
  return existsSync(join(folder, "SHA256SUMS")) ? folder : null;
})();

/** The lists of the installed stages. */
export const manifests = ["data", "text", "audio", "models"].map(
  (name) => new URL(import.meta.resolve(`@seqloom/${name}/stages.json`)),
);

/** A store in a folder of its own, to be removed after the tests. */
export function temporaryHome(): { readonly home: string; remove(): void } {
  const home = mkdtempSync(join(tmpdir(), "seqloom-test-"));
  return { home, remove: () => rmSync(home, { recursive: true, force: true }) };
}

/** Loads a pipeline file of the checkout. @throws with the diagnostics when it is not right. */
export async function loadFile(
  file: string,
  home: string,
  set: Readonly<Record<string, string>> = {},
): Promise<Pipeline> {
  const { pipeline, diagnostics } = await loadPipeline(resolve(root, file), { manifests, home, set });
  if (pipeline === null) throw new Error(renderDiagnostics(diagnostics));
  return pipeline;
}

/** Loads and runs a pipeline file of the checkout. @throws with the diagnostics of the stages when it fails. */
export async function runFile(
  file: string,
  home: string,
  set: Readonly<Record<string, string>> = {},
  options: Partial<RunOptions> = {},
): Promise<RunRecord> {
  const pipeline = await loadFile(file, home, set);
  const mirrors = mirror === null ? {} : { mirrors: [mirror] };
  const record = await runPipeline(pipeline, { store: openStore(home), ...mirrors, ...options });
  if (record.status !== "succeeded")
    throw new Error(renderDiagnostics(record.stages.flatMap((stage) => stage.diagnostics)));
  return record;
}

/** The result of one stage. */
export function stageOf(record: RunRecord, name: string): StageResult {
  const result = record.stages.find((stage) => stage.name === name);
  if (result === undefined) throw new Error(`no stage ${name} in the record`);
  return result;
}

/** The middle of an odd number of values. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}
