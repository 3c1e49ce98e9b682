import type { CodeParts } from "../code/parts.js";
import type { Json } from "../json.js";
import { byCodeUnit } from "./canonical.js";
import type { Reason } from "./reason.js";
import type { KeyFile, KeyRecord } from "./record.js";

/** Names of the files of a key, by group and in order: keys themselves often hold digests only. */
export type FileNames = Readonly<Record<string, readonly string[]>>;

/** What is shown of either side of a comparison though no key has it: the names of files, and what the code is made of. */
export interface ComparedNames {
  readonly before?: FileNames | undefined;
  readonly after?: FileNames | undefined;
  /** The parts of the code on both sides, where both are known. Asked for only when the code differs. */
  readonly code?: (() => { readonly before: CodeParts; readonly after: CodeParts } | null) | undefined;
}

/** Compares one field of two records. Empty exactly when the two encode alike. */
type Compare<T> = (before: T, after: T, names: ComparedNames) => readonly Reason[];

/** A record with every field: one without declared variables has none of them. */
type Whole = Required<KeyRecord>;

/**
 * How each field is compared, the most telling first. The type asks for every field of a record: one that is added to
 * {@link KeyRecord} and forgotten here does not compile.
 */
const COMPARE: { readonly [F in keyof Whole]: Compare<Whole[F]> } = {
  schema: (from, to) => (from === to ? [] : [{ kind: "key-schema-changed", from, to }]),
  stage: (from, to) => {
    if (from.id !== to.id) return [{ kind: "stage-changed", from: from.id, to: to.id }];
    if (Object.is(from.version, to.version)) return [];
    return [{ kind: "version-bumped", from: from.version, to: to.version }];
  },
  params: (from, to) => paramChanges("", from, to),
  columns: (from, to) => (changedNames(from, to).length === 0 ? [] : [{ kind: "columns-changed", from, to }]),
  files: (from, to, names) =>
    changedNames(from, to, sameFiles).map((group) => ({
      kind: "file-changed",
      group,
      files: changedFiles(
        own(from, group) ?? [],
        own(to, group) ?? [],
        own(names.before, group),
        own(names.after, group),
      ),
    })),
  env: (from, to) =>
    changedNames(from, to).map((name) => ({
      kind: "env-changed",
      name,
      from: own(from, name) ?? null,
      to: own(to, name) ?? null,
    })),
  code: (from, to, { code }) => {
    if (from.hash !== to.hash) {
      return [{ kind: "code-changed", from: from.hash, to: to.hash, files: changedParts(code?.() ?? null) }];
    }
    if (from.mode === to.mode && from.hasher === to.hasher) return [];
    return [{ kind: "hasher-changed", from: `${from.mode} ${from.hasher}`, to: `${to.mode} ${to.hasher}` }];
  },
  packages: (from, to) =>
    changedNames(from, to).map((name) => ({
      kind: "package-changed",
      name,
      from: own(from, name) ?? null,
      to: own(to, name) ?? null,
    })),
  inputs: (from, to) =>
    changedNames(from, to).map((port) => ({
      kind: "input-changed",
      port,
      from: own(from, port) ?? null,
      to: own(to, port) ?? null,
    })),
  seed: (from, to) => (from === to ? [] : [{ kind: "seed-changed", from, to }]),
  runtime: (from, to) =>
    changedNames(from, to).map((name) => ({
      kind: "runtime-changed",
      name,
      from: own(from, name) ?? null,
      to: own(to, name) ?? null,
    })),
  outputs: (from, to) =>
    changedNames(from, to, (a, b) => a?.artifact === b?.artifact && a?.codec === b?.codec).map((port) => ({
      kind: "codec-changed",
      port,
      from: encodingText(own(from, port)),
      to: encodingText(own(to, port)),
    })),
};

const FIELDS = Object.keys(COMPARE) as readonly (keyof KeyRecord)[];

/** Every difference of two key records, the most telling first. Empty exactly when their keys are equal. */
export function explainDifference(before: KeyRecord, after: KeyRecord, names: ComparedNames = {}): Reason[] {
  const [from, to] = [whole(before), whole(after)];
  return FIELDS.flatMap((field) => compareField(field, from, to, names));
}

/** The fields in which two records differ. */
export function changedFields(before: KeyRecord, after: KeyRecord): (keyof KeyRecord)[] {
  const [from, to] = [whole(before), whole(after)];
  return FIELDS.filter((field) => compareField(field, from, to, {}).length > 0);
}

function whole(record: KeyRecord): Whole {
  return { env: {}, ...record };
}

function compareField<F extends keyof Whole>(
  field: F,
  before: Whole,
  after: Whole,
  names: ComparedNames,
): readonly Reason[] {
  return COMPARE[field](before[field], after[field], names);
}

type Table<T> = Readonly<Record<string, T>>;

/** A property of the table itself: a port may be called "constructor". */
function own<T>(table: Table<T> | undefined, name: string): T | undefined {
  return table !== undefined && Object.hasOwn(table, name) ? table[name] : undefined;
}

function encodingText(output: KeyRecord["outputs"][string] | undefined): string | null {
  return output === undefined ? null : `${output.artifact} ${output.codec}`;
}

/** The names whose values differ, sorted. */
function changedNames<T>(
  from: Table<T>,
  to: Table<T>,
  same: (a: T | undefined, b: T | undefined) => boolean = Object.is,
): string[] {
  const names = [...new Set([...Object.keys(from), ...Object.keys(to)])].sort(byCodeUnit);
  return names.filter((name) => {
    const a = own(from, name);
    const b = own(to, name);
    return (a === undefined) !== (b === undefined) || !same(a, b);
  });
}

function sameFiles(a: readonly KeyFile[] = [], b: readonly KeyFile[] = []): boolean {
  return a.length === b.length && a.every((file, i) => file.name === b[i].name && file.digest === b[i].digest);
}

/** Names of the files that were added, removed or changed; of all when only their order changed. */
function changedFiles(
  from: readonly KeyFile[],
  to: readonly KeyFile[],
  fromNames: readonly string[] = [],
  toNames: readonly string[] = [],
): string[] {
  const before = from.map((file, i) => ({ ...file, shown: file.name ?? fromNames[i] ?? `file ${i + 1}` }));
  const after = to.map((file, i) => ({ ...file, shown: file.name ?? toNames[i] ?? `file ${i + 1}` }));
  const identity = (file: KeyFile): string => `${file.digest} ${file.name ?? ""}`;
  const known = new Set(before.map(identity));
  const kept = new Set(after.map(identity));
  const changed = [
    ...after.filter((file) => !known.has(identity(file))),
    ...before.filter((file) => !kept.has(identity(file))),
  ];
  return [...new Set((changed.length > 0 ? changed : after).map(({ shown }) => shown))];
}

/** The files whose part of the code is another, was added or removed; of a file with several parts, any of them. */
function changedParts(parts: { readonly before: CodeParts; readonly after: CodeParts } | null): string[] {
  if (parts === null) return [];
  const byName = (list: CodeParts): Map<string, string> => {
    const found = new Map<string, string>();
    for (const [name, digest] of list) found.set(name, `${found.get(name) ?? ""}${digest}`);
    return found;
  };
  const [before, after] = [byName(parts.before), byName(parts.after)];
  const names = [...new Set([...after.keys(), ...before.keys()])];
  return names.filter((name) => before.get(name) !== after.get(name)).sort(byCodeUnit);
}

/**
 * Walks two parameter values together; a change deep inside is shown at its own path. Where the walk ends, at least one
 * side is a plain value or the lists differ in length, so identity is equality.
 */
function paramChanges(path: string, from: Json | undefined, to: Json | undefined): Reason[] {
  if (Array.isArray(from) && Array.isArray(to) && from.length === to.length) {
    return from.flatMap((item: Json, i) => paramChanges(`${path}[${i}]`, item, (to as readonly Json[])[i]));
  }
  if (isObject(from) && isObject(to)) {
    const names = [...new Set([...Object.keys(from), ...Object.keys(to)])].sort(byCodeUnit);
    return names.flatMap((name) =>
      paramChanges(path === "" ? name : `${path}.${name}`, own(from, name), own(to, name)),
    );
  }
  return Object.is(from, to) ? [] : [{ kind: "param-changed", path, from, to }];
}

function isObject(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
