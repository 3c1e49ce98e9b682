import type { Digest, Json, JsonObject, Key, PortReference, StageNode, StageResult, StoredOutput } from "@seqloom/core";

/** A digest that looks like one and depends on the text only. */
export function digest(text: string): Digest {
  let state = 2166136261;
  let hex = "";
  for (let i = 0; hex.length < 64; i++) {
    state = Math.imul(state ^ text.charCodeAt(i % text.length) ^ i, 16777619) >>> 0;
    hex += state.toString(16).padStart(8, "0");
  }
  return hex.slice(0, 64) as Digest;
}

interface NodeParts {
  readonly use: string;
  readonly kind?: "stage" | "map" | "estimator";
  readonly params?: JsonObject;
  readonly inputs?: Readonly<Record<string, PortReference>>;
  readonly description?: string;
  readonly seeded?: boolean;
}

/** A node with everything filled in that a report does not look at. */
export function node(name: string, parts: NodeParts): StageNode {
  return {
    name,
    stage: {
      id: parts.use,
      version: 1,
      kind: parts.kind ?? "map",
      description: parts.description ?? `What ${parts.use} does.`,
      module: null,
      code: { mode: "closure", hash: digest(parts.use), hasher: "esbuild/1", packages: [] },
      isolation: "thread",
      seeded: parts.seeded ?? false,
      usesDevice: false,
      usesUnicodeTables: false,
      fileNamesMatter: false,
      cpu: 1,
      resumable: null,
      inference: "run",
      fitOnly: [],
      pieces: false,
    },
    params: parts.params ?? {},
    inputs: parts.inputs ?? {},
    outputs: { data: { artifact: "dataset", columns: {} } },
    columns: {},
    files: {},
    seed: "00112233445566ff",
    at: null,
  };
}

/** An output with one file. */
export function output(artifact: StoredOutput["artifact"], name: string, preview: Json, size = 4096): StoredOutput {
  return {
    artifact,
    codec: `${artifact}/1`,
    digest: digest(name),
    files: [{ name: "data", digest: digest(`${name}/data`), size }],
    preview,
  };
}

/** A result with everything filled in; give what matters. */
export function result(name: string, use: string, parts: Partial<StageResult>): StageResult {
  return {
    name,
    use,
    status: "run",
    reasons: [{ kind: "never-run" }],
    key: digest(`key of ${name}`) as unknown as Key,
    ms: 10,
    computeMs: 10,
    outputs: {},
    metrics: {},
    epochs: [],
    diagnostics: [],
    ...parts,
  };
}
