import type { Key } from "../brands.js";
import { fail } from "../diagnostics/diagnostic.js";
import { byCodeUnit } from "../keys/canonical.js";
import { keyOf } from "../keys/record.js";
import type { Pipeline } from "../pipeline/pipeline.js";
import type { SharedResult } from "../remote/shared-result.js";
import type { Signer } from "../remote/signature.js";
import type { RunRecord } from "../run/record.js";
import { codeParts } from "../store/code.js";
import type { Store } from "../store/store.js";
import { pipelineToYaml } from "../yaml/write.js";
import type { BundleIndex } from "./layout.js";
import { keyMember, PIPELINE_MEMBER, type RecordedKey, RUN_MEMBER, type RunText } from "./recorded-run.js";
import { type Exported, resultIn, writeBundle } from "./write.js";

/** What a bundle of a run holds. */
export interface ExportedRun extends Exported {
  readonly run: string;
  readonly stages: number;
}

/** A stage that gave a result. */
type Done = RunRecord["stages"][number] & { readonly key: Key };

/**
 * Writes what is needed to run a run again elsewhere into one file, which must not be there yet: the pipeline with everything
 * resolved, what each key was made of, the digests of all outputs, the versions of the packages that the stages reach, and the
 * environment. The same run gives the same bytes.
 * @param withResults its results, too: so that `replay` can say what differs, and not only that something does
 * @throws DiagnosticError `nothing-to-export`, `not-in-store`, `not-in-a-file`, and as `exportBundle`.
 */
export async function exportRun(
  store: Store,
  record: RunRecord,
  path: string,
  { withResults = false, signer = null }: { readonly withResults?: boolean; readonly signer?: Signer | null } = {},
): Promise<ExportedRun> {
  const stages = record.stages.filter(
    (stage): stage is Done => stage.key !== null && (stage.status === "hit" || stage.status === "run"),
  );
  if (stages.length === 0) {
    throw fail("nothing-to-export", `run ${record.run} has no stage with a result`, {
      hint: "`seqloom runs` lists the runs.",
    });
  }
  const keys = new Map(stages.map((stage) => [stage.key, recordedKeyOf(store, stage, record.pipeline)] as const));
  const sorted = [...keys.keys()].sort(byCodeUnit);
  const results = withResults ? sorted.map((key) => resultOf(store, key, stages)) : [];
  const index: BundleIndex = { schema: "run-bundle/1", keys: sorted, results: results.map(({ key }) => key) };
  const texts = new Map([
    ["bundle.json", JSON.stringify(index)],
    [RUN_MEMBER, JSON.stringify(runText(record, stages, [...keys.values()]))],
    [PIPELINE_MEMBER, pipelineToYaml(record.pipeline)],
    ...sorted.map((key) => [keyMember(key), JSON.stringify(keys.get(key))] as const),
  ]);
  const done = await writeBundle(path, texts, results, store, signer);
  return { run: record.run, stages: stages.length, ...done };
}

function recordedKeyOf(store: Store, { name, key }: Done, pipeline: Pipeline): RecordedKey {
  const node = pipeline.nodes.find((one) => one.name === name);
  const stored = store.storedKey(key);
  // A parameter of -0 comes back from JSON as another value, and then is no proof of the key.
  const record = stored === null ? null : (JSON.parse(JSON.stringify(stored.record)) as RecordedKey["record"]);
  if (stored === null || record === null || keyOf(record) !== key) {
    throw fail("not-in-store", `the store has no record of the key of stage "${name}" that could be exported`, {
      hint: "Run the pipeline again, then export.",
    });
  }
  return { record, files: stored.files, code: codeParts(store, record.code.hash, node?.stage.code) };
}

/** The result that the run had. A result that was made again since then may be another. */
function resultOf(store: Store, key: Key, stages: readonly Done[]): SharedResult {
  const result = resultIn(store, key);
  for (const { name, outputs } of stages.filter((stage) => stage.key === key)) {
    if (Object.entries(outputs).every(([port, { digest }]) => result.outputs[port]?.digest === digest)) continue;
    throw fail("not-in-store", `the store no longer has the result that stage "${name}" gave in this run`, {
      hint: "Export a newer run, or leave out --with-results.",
    });
  }
  return result;
}

function runText(record: RunRecord, stages: readonly Done[], keys: readonly RecordedKey[]): RunText {
  const { run, status, pipeline, startedAt, seconds, environment, point } = record;
  return {
    schema: "run/1",
    run,
    pipeline: pipeline.name,
    status,
    startedAt,
    seconds,
    point: point?.label ?? null,
    environment,
    packages: packagesOf(keys),
    stages: stages.map(({ name, use, key, outputs, metrics }) => ({
      name,
      use,
      key,
      outputs: Object.fromEntries(Object.entries(outputs).map(([port, { digest }]) => [port, digest])),
      metrics,
    })),
  };
}

/** The packages that any of the keys reaches, with all versions, sorted. */
function packagesOf(keys: readonly RecordedKey[]): Record<string, string> {
  const found = new Map<string, Set<string>>();
  for (const [name, versions] of keys.flatMap(({ record }) => Object.entries(record.packages))) {
    const all = found.get(name) ?? new Set();
    for (const version of versions.split(", ")) all.add(version);
    found.set(name, all);
  }
  const sorted = [...found].sort(([a], [b]) => byCodeUnit(a, b));
  return Object.fromEntries(sorted.map(([name, versions]) => [name, [...versions].sort(byCodeUnit).join(", ")]));
}
