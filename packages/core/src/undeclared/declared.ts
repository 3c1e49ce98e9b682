/** @file What of the things that a stage read is declared nowhere, and the line of YAML that declares it. */
import { dirname, relative, resolve, sep } from "node:path";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import type { StageNode } from "../pipeline/pipeline.js";
import { codeFiles } from "../plan/code-files.js";
import type { ResolvedFile } from "../stages/context.js";
import type { Reads } from "./watch-reads.js";

/** What a stage read and its pipeline does not say: files as the pipeline would name them, and names of variables. */
export interface Undeclared {
  readonly files: readonly string[];
  readonly env: readonly string[];
}

/** What of this neither the stage nor the pipeline declares; null when that is nothing. */
export function undeclared(
  reads: Reads,
  node: StageNode,
  files: Readonly<Record<string, readonly ResolvedFile[]>>,
  directory: string,
): Undeclared | null {
  const declared = new Set(Object.values(files).flatMap((group) => group.map(({ path }) => path)));
  const folders = new Set([...declared].map((path) => dirname(path)));
  const code = new Set(codeFiles(node).map((name) => resolve(directory, name)));
  const found = [
    ...reads.files.filter((path) => !declared.has(path) && !code.has(path)).map((path) => nameOf(path, directory)),
    ...reads.folders.filter((path) => !folders.has(path)).map((path) => `${nameOf(path, directory)}/*`),
  ];
  const env = reads.env.filter((name) => node.reads?.env?.includes(name) !== true);
  return found.length + env.length === 0 ? null : { files: found, env };
}

/** The warning, with the line to add: what the stage declares already is in it. */
export function undeclaredDiagnostic(node: StageNode, { files, env }: Undeclared): Diagnostic {
  const parts = [
    ...(files.length > 0 ? [`${some(files, "file")}`] : []),
    ...(env.length > 0 ? [`${some(env, "environment variable")}`] : []),
  ];
  const lists = [
    ["files", [...(node.reads?.files ?? []), ...files]],
    ["env", [...(node.reads?.env ?? []), ...env]],
  ] as const;
  const line = lists
    .filter(([, names]) => names.length > 0)
    .map(([key, names]) => `${key}: [${names.map(quoted).join(", ")}]`);
  return {
    code: "undeclared-input",
    severity: "warning",
    message: `stage "${node.name}" (${node.stage.id}) read what it does not declare: ${parts.join("; ")}`,
    hint: `Add to the stage: \`reads: { ${line.join(", ")} }\`. Its result then depends on that.`,
    stage: node.name,
    ...(node.at !== null && { at: node.at }),
  };
}

/** Reads of several tasks of one stage together. */
export function joinReads(a: Reads | null, b: Reads): Reads {
  const union = (one: readonly string[], other: readonly string[]) => [...new Set([...one, ...other])].sort();
  return {
    files: union(a?.files ?? [], b.files),
    folders: union(a?.folders ?? [], b.folders),
    env: union(a?.env ?? [], b.env),
  };
}

function nameOf(path: string, directory: string): string {
  return relative(directory, path).split(sep).join("/") || ".";
}

function some(names: readonly string[], what: string): string {
  return `${names.length === 1 ? what : `${what}s`} ${names.join(", ")}`;
}

/** Plain where YAML takes it so inside brackets. */
function quoted(name: string): string {
  return /^[\w./-]+$/.test(name) && !/^[-\d.]*$/.test(name) ? name : JSON.stringify(name);
}
