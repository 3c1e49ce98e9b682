/**
 * @file What a bundle says of a run: enough to run it again elsewhere and to say where that differs. It is believed no more than
 * results are: key records must hash to their keys, and everything has one form.
 */
import { z } from "zod";
import type { CodeParts } from "../code/parts.js";
import type { FileNames } from "../keys/explain.js";
import { type KeyRecord, keyOf } from "../keys/record.js";
import type { SharedResult } from "../remote/shared-result.js";
import { Malformed, strictJson } from "../remote/strict-json.js";

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
/** Texts are shown in terminals: none has control characters. */
const text = z
  .string()
  .max(4000)
  .regex(/^\P{Cc}*$/u);
const texts = z.record(text, text);

const run = z.strictObject({
  schema: z.literal("run/1"),
  run: z.string().regex(/^[0-9A-Z]{26}$/),
  pipeline: text,
  status: z.enum(["succeeded", "failed", "interrupted"]),
  startedAt: z.iso.datetime(),
  seconds: z.number().min(0),
  /** The label of its point, where the pipeline has a matrix. */
  point: text.nullable(),
  environment: z.record(text, z.union([text, z.number()])),
  /** The packages that the stages reach: name → version, or versions joined by ", ". */
  packages: texts,
  /** The stages that gave a result, in topological order. */
  stages: z
    .array(
      z.strictObject({
        name: text,
        use: text,
        key: sha256,
        /** Port → digest of the artifact. */
        outputs: z.record(text, sha256),
        metrics: z.record(text, z.number().nullable()),
      }),
    )
    .min(1),
});

const key = z.strictObject({
  record: z.strictObject({
    schema: z.literal("key/1"),
    stage: z.strictObject({ id: text, version: z.number() }),
    code: z.strictObject({ mode: text, hash: text, hasher: text }),
    packages: texts,
    params: z.record(z.string(), z.unknown()),
    columns: texts,
    inputs: z.record(text, sha256),
    files: z.record(text, z.array(z.strictObject({ name: text.nullable(), digest: sha256 }))),
    outputs: z.record(text, z.strictObject({ artifact: text, codec: text })),
    seed: text.nullable(),
    runtime: texts,
  }),
  files: z.record(text, z.array(text)),
  /** What the code was made of, where that is known. */
  code: z.array(z.tuple([text, text])).nullable(),
});

/** `run.json` of a bundle. */
export type RunText = Readonly<z.output<typeof run>>;

/** A key as a bundle has it: what it was made of, and the names that only explanations use. */
export interface RecordedKey {
  readonly record: KeyRecord;
  readonly files: FileNames;
  readonly code: CodeParts | null;
}

/** A run as a bundle has it. */
export interface RecordedRun extends RunText {
  /** The pipeline with everything resolved, as YAML. */
  readonly yaml: string;
  readonly keys: ReadonlyMap<string, RecordedKey>;
}

/** Longer texts are not read. */
export const LARGEST_RUN_TEXT = 16 * 1024 * 1024;

/** The names of the members that describe a run, beside those of its keys. */
export const RUN_MEMBER = "run.json";
export const PIPELINE_MEMBER = "pipeline.yaml";

/** The name of the member with the record of a key. */
export function keyMember(name: string): string {
  return `keys/${name}.json`;
}

/**
 * Puts a run together from the members of a bundle.
 * @throws Malformed for what is not in its form or does not hold together.
 */
export function recordedRun(
  runText: string,
  yaml: string,
  keyTexts: ReadonlyMap<string, string>,
  results: readonly SharedResult[],
): RecordedRun {
  const found = parsed(run, runText, RUN_MEMBER);
  const keys = new Map([...keyTexts].map(([name, one]) => [name, recordedKey(name, one)]));
  const names = new Set(found.stages.map(({ name }) => name));
  if (names.size !== found.stages.length) throw new Malformed(`${RUN_MEMBER} names a stage twice`);
  if (new Set(found.stages.map((stage) => stage.key)).size !== keys.size)
    throw new Malformed("it has records of keys that its run does not have");
  for (const { name, key: own, outputs } of found.stages) {
    const record = keys.get(own)?.record;
    if (record === undefined) throw new Malformed(`the key of its stage "${name.slice(0, 40)}" has no record`);
    if (!sameNames(outputs, record.outputs)) throw new Malformed(`${RUN_MEMBER} has other ports than its keys`);
    const result = results.find((one) => one.key === own);
    if (result === undefined) continue;
    const differs = Object.entries(outputs).some(([port, digest]) => result.outputs[port].digest !== digest);
    if (differs) throw new Malformed(`its results are not those that ${RUN_MEMBER} names`);
  }
  if (results.some((result) => !keys.has(result.key))) throw new Malformed("it has results of other keys than its run");
  return { ...found, yaml, keys };
}

function recordedKey(name: string, content: string): RecordedKey {
  const what = `the key ${name.slice(0, 12)}`;
  const found = parsed(key, content, what);
  const record = found.record as unknown as KeyRecord;
  if (keyOf(record) !== name) throw new Malformed(`${what} has a record that is not its own`);
  return { record, files: found.files, code: found.code };
}

function parsed<T>(schema: z.ZodType<T>, content: string, what: string): T {
  const result = schema.safeParse(strictJson(content, what));
  if (result.success) return result.data;
  const [{ path, message }] = result.error.issues;
  throw new Malformed(
    `${what} is in no form that is known here (${path.join(".").slice(0, 80)}: ${message.slice(0, 80)})`,
  );
}

function sameNames(a: object, b: object): boolean {
  return Object.keys(a).length === Object.keys(b).length && Object.keys(a).every((name) => Object.hasOwn(b, name));
}
