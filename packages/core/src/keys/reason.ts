import type { Json } from "../json.js";

/** Why a stage runs although it has run before, or why it is not known yet. A closed set: every difference of two keys is one of these. */
export type Reason =
  | { readonly kind: "never-run" }
  | { readonly kind: "stage-changed"; readonly from: string; readonly to: string }
  | { readonly kind: "version-bumped"; readonly from: number; readonly to: number }
  /** `files`: those whose code is another; empty where that is not known. */
  | {
      readonly kind: "code-changed";
      readonly from: string;
      readonly to: string;
      readonly files: readonly string[];
    }
  | { readonly kind: "hasher-changed"; readonly from: string; readonly to: string }
  | {
      readonly kind: "package-changed";
      readonly name: string;
      readonly from: string | null;
      readonly to: string | null;
    }
  | {
      readonly kind: "param-changed";
      readonly path: string;
      readonly from: Json | undefined;
      readonly to: Json | undefined;
    }
  | { readonly kind: "columns-changed"; readonly from: Json; readonly to: Json }
  | { readonly kind: "input-changed"; readonly port: string; readonly from: string | null; readonly to: string | null }
  | { readonly kind: "file-changed"; readonly group: string; readonly files: readonly string[] }
  /** A variable that the pipeline declares: digests of its values, `unset`, or null where it is not declared. */
  | { readonly kind: "env-changed"; readonly name: string; readonly from: string | null; readonly to: string | null }
  | { readonly kind: "seed-changed"; readonly from: string | null; readonly to: string | null }
  | { readonly kind: "runtime-changed"; readonly name: string; readonly from: Json; readonly to: Json }
  | { readonly kind: "codec-changed"; readonly port: string; readonly from: string | null; readonly to: string | null }
  | { readonly kind: "key-schema-changed"; readonly from: string; readonly to: string }
  | { readonly kind: "entry-evicted"; readonly at: string | null }
  | { readonly kind: "entry-incomplete"; readonly file: string; readonly problem: string }
  | { readonly kind: "forced" }
  /** Its code reads what nobody can see, so that it runs every time. */
  | { readonly kind: "untracked"; readonly why: readonly string[] }
  | { readonly kind: "upstream-unknown"; readonly stages: readonly string[] };

/** Whether a stage runs even where the store has a result for its key: what is made then takes the place of that. */
export function isForced(reasons: readonly Reason[]): boolean {
  return reasons.some(({ kind }) => kind === "forced" || kind === "untracked");
}

/** A reason in words, such as `params.units 32 → 64`. */
export function reasonText(reason: Reason): string {
  switch (reason.kind) {
    case "never-run":
      return "never run before";
    case "stage-changed":
      return `stage ${reason.from} → ${reason.to}`;
    case "version-bumped":
      return `version ${reason.from} → ${reason.to}`;
    case "code-changed":
      return reason.files.length === 0
        ? `code changed (${reason.from.slice(0, 8)} → ${reason.to.slice(0, 8)})`
        : `${few(reason.files)} changed`;
    case "hasher-changed":
      return `code is hashed another way (${reason.from} → ${reason.to})`;
    case "package-changed":
      return `package ${reason.name} ${reason.from ?? "absent"} → ${reason.to ?? "absent"}`;
    case "param-changed":
      return `with.${reason.path} ${short(reason.from)} → ${short(reason.to)}`;
    case "columns-changed":
      return `columns ${short(reason.from)} → ${short(reason.to)}`;
    case "input-changed":
      return reason.from === null
        ? `new input ${reason.port}`
        : reason.to === null
          ? `input ${reason.port} removed`
          : `input ${reason.port} changed (${reason.from.slice(0, 8)} → ${reason.to.slice(0, 8)})`;
    case "file-changed":
      return `files of ${reason.group} changed: ${few(reason.files)}`;
    case "env-changed":
      if (reason.from === null) return `reads the variable ${reason.name} now`;
      if (reason.to === null) return `reads the variable ${reason.name} no more`;
      return `variable ${reason.name} ${reason.from === "unset" ? "is set now" : reason.to === "unset" ? "is not set any more" : "changed"}`;
    case "seed-changed":
      // The seeds of stages are digests: that they differ is all that a person can see in them.
      return reason.from === null
        ? "uses randomness now"
        : reason.to === null
          ? "uses no randomness any more"
          : "seed changed";
    case "runtime-changed":
      return `${reason.name} ${short(reason.from)} → ${short(reason.to)}`;
    case "codec-changed":
      return `encoding of ${reason.port} ${reason.from ?? "absent"} → ${reason.to ?? "absent"}`;
    case "key-schema-changed":
      return `key format ${reason.from} → ${reason.to}`;
    case "entry-evicted":
      return reason.at === null
        ? "result no longer in the store"
        : `result collected on ${reason.at.slice(0, 10)} to save space`;
    case "entry-incomplete":
      return `stored result is damaged: ${reason.file} ${reason.problem}`;
    case "forced":
      return "forced";
    case "untracked":
      return `its code cannot be followed: ${few(reason.why)}`;
    case "upstream-unknown":
      return `depends on the result of ${reason.stages.join(", ")}`;
  }
}

function few(names: readonly string[]): string {
  return `${names.slice(0, 3).join(", ")}${names.length > 3 ? ", …" : ""}`;
}

function short(value: Json | undefined): string {
  if (value === undefined) return "unset";
  const text = JSON.stringify(value);
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}
