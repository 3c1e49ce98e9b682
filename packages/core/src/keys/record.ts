import { hash } from "node:crypto";
import { CODECS } from "../artifacts/codecs.js";
import type { ArtifactName } from "../artifacts/index.js";
import type { Digest, Key } from "../brands.js";
import type { PlannedFile } from "../files/resolve.js";
import type { JsonObject } from "../json.js";
import type { StageInfo, StageNode } from "../pipeline/pipeline.js";
import { byCodeUnit, canonicalText } from "./canonical.js";

/** The group of the files that the pipeline declares for a stage: `reads: { files: […] }`. Their names matter. */
export const READS = "reads";

/** A file that a stage reads, as its key sees it; the name only where the stage says that names matter. */
export interface KeyFile {
  readonly name: string | null;
  readonly digest: string;
}

/**
 * Everything that a result depends on, and nothing else: no names, no paths, no clock. Its digest is the key of the
 * result. Each field has one form for one meaning, so that equal meanings have equal keys.
 */
export interface KeyRecord {
  readonly schema: "key/1";
  readonly stage: { readonly id: string; readonly version: number };
  readonly code: { readonly mode: string; readonly hash: string; readonly hasher: string };
  /** The packages that the code reaches: name → version, or versions joined by ", " where there are several. */
  readonly packages: Readonly<Record<string, string>>;
  readonly params: JsonObject;
  readonly columns: Readonly<Record<string, string>>;
  /** Port → digest of the artifact that it receives: content, not where it came from. */
  readonly inputs: Readonly<Record<string, Digest>>;
  readonly files: Readonly<Record<string, readonly KeyFile[]>>;
  /** Variable → digest of its value, or `unset`; only where the pipeline declares some. The value itself is nowhere. */
  readonly env?: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, { readonly artifact: ArtifactName; readonly codec: string }>>;
  /** Only of stages that use randomness. */
  readonly seed: string | null;
  /** What the stage says it depends on beside its code: the device, the Unicode tables. Empty for most. */
  readonly runtime: Readonly<Record<string, string>>;
}

/** What a key may depend on that is not in the pipeline. */
export interface Runtime {
  readonly device: string;
  readonly unicode: string;
  readonly icu: string;
  /** The environment variables of stages that declare some; those of this process by default. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** The runtime of this process, with the device that the user chose. */
export function currentRuntime(device: string): Runtime {
  return { device, unicode: process.versions.unicode ?? "none", icu: process.versions.icu ?? "none" };
}

/** The key record of a stage whose inputs are known. */
export function keyRecordOf(
  node: StageNode,
  inputs: Readonly<Record<string, Digest>>,
  files: Readonly<Record<string, readonly PlannedFile[]>>,
  runtime: Runtime,
): KeyRecord {
  const { stage } = node;
  const named = stage.fileNamesMatter;
  return {
    schema: "key/1",
    ...partsOf(stage),
    params: node.params,
    columns: node.columns,
    inputs,
    files: Object.fromEntries(
      Object.entries(files).map(([group, list]) => [
        group,
        list.map(({ name, digest }) => ({ name: named || group === READS ? name : null, digest })),
      ]),
    ),
    ...((node.reads?.env?.length ?? 0) > 0 && { env: variables(node.reads?.env ?? [], runtime.env ?? process.env) }),
    outputs: remembered(OUTPUTS, node.outputs, outputsOf),
    seed: stage.seeded ? node.seed : null,
    runtime: {
      ...(stage.usesDevice && { device: runtime.device }),
      ...(stage.usesUnicodeTables && { unicode: runtime.unicode, icu: runtime.icu }),
    },
  };
}

/**
 * The key that a record makes: SHA-256 of its canonical encoding.
 * @param known see {@link canonicalText}.
 */
export function keyOf(record: KeyRecord, known?: Map<object, string>): Key {
  return sha256(canonicalText(record, known)) as string as Key;
}

/** SHA-256 of bytes or of a string in UTF-8, in hexadecimal. */
export function sha256(bytes: Uint8Array | string): Digest {
  return hash("sha256", bytes, "hex") as Digest;
}

function variables(
  names: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  // With the name in it, equal values of two variables cannot be told to be equal.
  const state = (name: string) => (env[name] === undefined ? "unset" : sha256(`env\0${name}\0${env[name]}`));
  return Object.fromEntries(names.map((name) => [name, state(name)]));
}

/** What records say of a stage or of ports is the same for all nodes that share it. */
const PARTS = new WeakMap<StageInfo, Pick<KeyRecord, "stage" | "code" | "packages">>();
const OUTPUTS = new WeakMap<StageNode["outputs"], KeyRecord["outputs"]>();

function partsOf(stage: StageInfo): Pick<KeyRecord, "stage" | "code" | "packages"> {
  return remembered(PARTS, stage, ({ id, version, code: { mode, hash, hasher, packages } }) => ({
    stage: Object.freeze({ id, version }),
    code: Object.freeze({ mode, hash, hasher }),
    packages: Object.freeze(versions(packages)),
  }));
}

function outputsOf(outputs: StageNode["outputs"]): KeyRecord["outputs"] {
  return Object.freeze(mapValues(outputs, ({ artifact }) => Object.freeze({ artifact, codec: CODECS[artifact] })));
}

function remembered<K extends object, V>(known: WeakMap<K, V>, of: K, make: (of: K) => V): V {
  const before = Object.isFrozen(of) ? known.get(of) : undefined;
  if (before !== undefined) return before;
  const made = make(of);
  if (Object.isFrozen(of)) known.set(of, made);
  return made;
}

function versions(packages: readonly (readonly [string, string])[]): Record<string, string> {
  const found = new Map<string, Set<string>>();
  for (const [name, version] of packages) found.set(name, (found.get(name) ?? new Set()).add(version));
  return Object.fromEntries([...found].map(([name, set]) => [name, [...set].sort(byCodeUnit).join(", ")]));
}

function mapValues<T, U>(record: Readonly<Record<string, T>>, change: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}
