/** @file What would run again if something changed: a question about the graph alone, answered without a store. */
import { relative, resolve, sep } from "node:path";
import { didYouMean } from "../diagnostics/closest.js";
import { fail } from "../diagnostics/diagnostic.js";
import type { Pipeline, StageNode } from "../pipeline/pipeline.js";

/** What changes: a stage, a parameter of the pipeline (`params.units`), its `seed`, the `device`, or a file. */
export interface WhatIf {
  readonly schema: "what-if/1";
  readonly change: { readonly kind: "stage" | "param" | "seed" | "device" | "file"; readonly name: string };
  /** Stages that would run for sure. */
  readonly runs: readonly string[];
  /** Stages after these, which run unless the results turn out as before. */
  readonly follow: readonly string[];
}

/** The files that the code of a stage is made of, as explanations call them. */
export type CodeFilesOf = (node: StageNode) => readonly string[];

/**
 * What would run again if this changed. Pure: the same pipeline and the same word give the same answer.
 * @throws DiagnosticError `unknown-change` when the pipeline has nothing of this name.
 */
export function whatIf(pipeline: Pipeline, name: string, codeFiles: CodeFilesOf = () => []): WhatIf {
  const { nodes } = pipeline;
  const answer = (kind: WhatIf["change"]["kind"], affected: (node: StageNode) => boolean): WhatIf => {
    const runs = new Set(nodes.filter(affected).map((node) => node.name));
    const after = new Set(runs);
    for (const node of nodes) {
      if (Object.values(node.inputs).some(({ stage }) => after.has(stage))) after.add(node.name);
    }
    const follow = [...after].filter((stage) => !runs.has(stage));
    return { schema: "what-if/1", change: { kind, name }, runs: [...runs], follow };
  };
  if (nodes.some((node) => node.name === name)) return answer("stage", (node) => node.name === name);
  if (name === "seed") return answer("seed", (node) => node.stage.seeded || refersTo(node, "seed"));
  if (name === "device") return answer("device", (node) => node.stage.usesDevice);
  const param = name.startsWith("params.") ? name.slice("params.".length) : name;
  if (Object.hasOwn(pipeline.params, param.split(".")[0]))
    return answer("param", (node) => refersTo(node, `params.${param}`));
  const isRead = readers(pipeline, name, codeFiles);
  if (nodes.some(isRead)) return answer("file", isRead);
  const known = [
    ...nodes.map((node) => node.name),
    ...Object.keys(pipeline.params).map((one) => `params.${one}`),
    "seed",
    "device",
  ];
  throw fail("unknown-change", `"${name}" is no stage, parameter or file of pipeline "${pipeline.name}"`, {
    hint: didYouMean(name, known, "name"),
  });
}

/** Whether a stage refers to this, to a part of it, or to what it is a part of: `params.model` and `params.model.units`. */
function refersTo({ references = [] }: StageNode, wanted: string): boolean {
  return references.some((one) => one === wanted || one.startsWith(`${wanted}.`) || wanted.startsWith(`${one}.`));
}

/** Whether a stage reads this file: as data, by path or glob relative to the pipeline, or as its code. */
function readers({ directory }: Pipeline, name: string, codeFiles: CodeFilesOf): (node: StageNode) => boolean {
  const wanted = relative(directory, resolve(directory, name)).split(sep).join("/");
  return (node) =>
    Object.values(node.files)
      .flat()
      .some((file) => ("path" in file ? isMeant(file.path, wanted) : file.url === name)) ||
    codeFiles(node).some((file) => file === name || file === wanted);
}

function isMeant(pattern: string, name: string): boolean {
  const plain = pattern.replace(/^\.\//, "");
  return plain === name || globExpression(plain).test(name);
}

/** `**`, `*`, `?` and `{a,b}`: what patterns of data files are made of. */
function globExpression(pattern: string): RegExp {
  const parts = pattern.match(/\*\*\/|\*\*|\*|\?|\{[^{}]*\}|[^*?{]+|\{/g) ?? [];
  const source = parts.map((part) => {
    if (part === "**/") return "(?:.*/)?";
    if (part === "**") return ".*";
    if (part === "*") return "[^/]*";
    if (part === "?") return "[^/]";
    if (/^\{.*\}$/.test(part)) return `(?:${part.slice(1, -1).split(",").map(escaped).join("|")})`;
    return escaped(part);
  });
  return new RegExp(`^${source.join("")}$`);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
