import type { Columns } from "../dataset/columns.js";
import type { Registry } from "../registry/registry.js";
import type { DatasetPort } from "../stages/ports.js";
import { bridge } from "./bridge.js";
import { inputPorts, isDataset, renamedColumns } from "./describe-ports.js";
import type { LoadedStage } from "./load-stage.js";
import type { PortReference, ResolvedPort } from "./pipeline.js";
import type { Problem, SpecPath } from "./spec.js";

type Outputs = ReadonlyMap<string, Readonly<Record<string, ResolvedPort>>>;

/** Checks that every input port of a stage is fed, by an artifact of the right type, with the columns that it needs. */
export function checkInputs(
  own: LoadedStage,
  wired: Readonly<Record<string, PortReference>>,
  outputs: Outputs,
  loaded: ReadonlyMap<string, LoadedStage>,
  registry: Registry,
  problems: Problem[],
): void {
  const { spec } = own;
  for (const [name, port] of Object.entries(inputPorts(own.stage))) {
    const reference = wired[name];
    if (reference === undefined) {
      if (own.stage.kind === "estimator" && name !== "data") continue;
      // An input that names an unknown stage or port is reported already.
      if (Object.keys(spec.inputs).length > Object.keys(wired).length) continue;
      const hint = `Say where it comes from: \`in: { ${name}: … }\`.`;
      const message = `input "${name}" of ${spec.use} is not connected`;
      problems.push({
        code: "missing-input",
        message,
        hint,
        path: ["stages", spec.name],
        part: "key",
        stage: spec.name,
      });
      continue;
    }
    const given = outputs.get(reference.stage)?.[reference.port];
    if (given === undefined) continue;
    const path: SpecPath = ["stages", spec.name, "in", ...("" in spec.inputs ? [] : [name])];
    const related = producerOf(reference, loaded);
    if (given.artifact !== port.artifact) {
      const message = `${spec.use} needs a ${port.artifact} on "${name}"; ${reference.stage}.${reference.port} is a ${given.artifact}`;
      const hint = hintForArtifact(port.artifact, reference.stage, outputs);
      problems.push({ code: "wrong-artifact", message, hint, path, part: "value", stage: spec.name, related });
    } else if (isDataset(port) && given.columns !== null) {
      checkColumns(own, port, given.columns, reference, path, related, registry, problems);
    }
  }
}

function checkColumns(
  own: LoadedStage,
  port: DatasetPort,
  given: Columns,
  reference: PortReference,
  path: SpecPath,
  related: NonNullable<Problem["related"]>,
  registry: Registry,
  problems: Problem[],
): void {
  const { spec } = own;
  const needed = renamedColumns(port.columns, spec.columns);
  if (Object.keys(needed).length < Object.keys(port.columns).length) {
    // `columns: { prediction: label }` where `label` is needed too, under its own name.
    const names = Object.keys(port.columns).map((name) => `"${name}"`);
    problems.push({
      code: "column-twice",
      message: `${spec.use} needs ${names.join(" and ")}, and \`columns\` makes two of them one column`,
      hint: "Give each a column of its own.",
      path: ["stages", spec.name, "columns"],
      part: "key",
      stage: spec.name,
    });
    return;
  }
  const wrong = Object.entries(needed).filter(([name, type]) => given[name] !== type);
  const groups = (port.oneOf ?? []).map((group) => renamedColumns(group, spec.columns));
  const noGroup =
    groups.length > 0 && !groups.some((group) => Object.entries(group).every(([name, type]) => given[name] === type));
  if (wrong.length === 0 && !noGroup) return;

  const needs = [
    ...wrong.map(([name, type]) => column(name, type)),
    ...(noGroup ? [groups.map(columns).join(" or ")] : []),
  ];
  const there = Object.entries(given).map(([name, type]) => column(name, type));
  const message = `${spec.use} needs ${needs.join(" and ")}; ${reference.stage} gives ${there.join(", ") || "no column"}`;
  const hint = hintForColumns(own, given, needed, groups, reference, registry);
  problems.push({ code: "missing-column", message, hint, path, part: "value", stage: spec.name, related });
}

/** What to put in between; or, when nothing makes the column, which column to rename. */
function hintForColumns(
  own: LoadedStage,
  given: Columns,
  needed: Columns,
  groups: readonly Columns[],
  reference: PortReference,
  registry: Registry,
): string {
  const wanted = groups.length === 0 ? [needed] : groups.map((group) => ({ ...needed, ...group }));
  const chains = wanted.map((goal) => bridge(registry, given, goal)).filter((chain) => chain !== undefined);
  const chain = chains.sort((a, b) => a.length - b.length)[0];
  if (chain !== undefined && chain.length > 0) {
    return `Put ${chain.join(", then ")} between ${reference.stage} and ${own.spec.name}.`;
  }
  const missing =
    Object.entries(needed).find(([name, type]) => given[name] !== type) ?? Object.entries(groups[0] ?? {})[0];
  const same = missing === undefined ? undefined : Object.entries(given).find(([, type]) => type === missing[1]);
  if (missing !== undefined && same !== undefined) {
    const ownName = Object.entries(own.spec.columns).find(([, actual]) => actual === missing[0])?.[0] ?? missing[0];
    return `If "${same[0]}" is meant, say so: \`columns: { ${ownName}: ${same[0]} }\`.`;
  }
  return `Load or make ${missing === undefined ? "the column" : column(missing[0], missing[1])} in a stage before this one.`;
}

function hintForArtifact(artifact: string, near: string, outputs: Outputs): string {
  // The stage that was named first: most likely only the port is wrong.
  const nearest = [...outputs].sort(([a], [b]) => Number(b === near) - Number(a === near));
  for (const [stage, ports] of nearest) {
    for (const [port, { artifact: given }] of Object.entries(ports)) {
      if (given === artifact) return `${stage}.${port} is a ${artifact}.`;
    }
  }
  return `No stage before this one gives a ${artifact}.`;
}

function producerOf(
  reference: PortReference,
  loaded: ReadonlyMap<string, LoadedStage>,
): NonNullable<Problem["related"]> {
  const use = loaded.get(reference.stage)?.spec.use ?? "";
  return [{ message: `${reference.stage} (${use}) is defined here`, path: ["stages", reference.stage], part: "key" }];
}

function column(name: string, type: string): string {
  return `\`${name}\` (${type})`;
}

function columns(group: Columns): string {
  return Object.entries(group)
    .map(([name, type]) => column(name, type))
    .join(" and ");
}
