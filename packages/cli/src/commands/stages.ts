import type { AnyStage, Port, RegistryEntry, StageExample } from "@seqloom/core";
import { type Command, EXIT, UsageError } from "../command.js";
import { manifests } from "../manifests.js";
import {
  type ParamChoice,
  type ParamObject,
  type ParamOption,
  type ParamPage,
  type ParamRow,
  paramPage,
} from "../params.js";
import { type Paint, paintOf, takesColor } from "../terminal/paint.js";
import { cut, described, fill, readingWidth } from "../terminal/width.js";

/** Lists the stages that pipelines may use, or shows one. */
export const stages: Command = {
  name: "stages",
  summary: "List the stages that there are; with an ID, show its parameters and examples",
  positionals: [{ name: "ID", optional: true, description: "the stage to show, such as text/tokenize" }],
  flags: { json: { type: "boolean", description: "Print JSON on standard output" } },
  examples: [
    ["seqloom stages", "All stages, by area"],
    ["seqloom stages text/tokenize", "What one does, its parameters, an example"],
    ["seqloom stages models/train", "Layers, optimizers and what each takes"],
    ["seqloom stages models/train --json", "The schema of its parameters"],
  ],

  async run(args, { out }) {
    const { didYouMean, openRegistry } = await import("@seqloom/core");
    const registry = openRegistry(manifests());
    const paint = paintOf(takesColor(out));
    const [id] = args.positionals;
    const json = args.has.has("json");
    if (id === undefined) {
      const entries = registry.ids.map((name) => registry.entry(name)).filter((entry) => entry !== undefined);
      out.write(
        json ? `${JSON.stringify({ stages: entries.map(listed) })}\n` : listText(entries, readingWidth(out), paint),
      );
      return EXIT.ok;
    }
    const entry = registry.entry(id);
    if (entry === undefined) throw new UsageError(`there is no stage "${id}"`, didYouMean(id, registry.ids, "stage"));
    const stage = await registry.load(id);
    const { z } = await import("zod");
    const schema = z.toJSONSchema(stage.params, { io: "input" });
    if (json) {
      const { inputs, outputs } = entry;
      out.write(
        `${JSON.stringify({ ...listed(entry), inputs, outputs, params: schema, examples: stage.examples ?? [] })}\n`,
      );
    } else {
      out.write(stageText(entry, stage, paramPage(schema), readingWidth(out), paint));
    }
    return EXIT.ok;
  },
};

function listed({ info }: RegistryEntry): object {
  const { id, version, kind, description } = info;
  return { id, version, kind, description };
}

function listText(entries: readonly RegistryEntry[], columns: number, paint: Paint): string {
  const width = Math.max(...entries.map(({ info }) => info.id.length));
  const areas = new Map<string, [string, string][]>();
  for (const { info } of entries) {
    const area = info.id.split("/")[0];
    areas.set(area, [...(areas.get(area) ?? []), [info.id.padEnd(width), info.description]]);
  }
  const blocks = [...areas].map(([area, rows]) =>
    [paint.bold(area), ...described(rows, columns, paint.dim)].join("\n"),
  );
  return `${blocks.join("\n\n")}\n\n${entries.length} stages. \`seqloom stages ID\` shows one.\n`;
}

function stageText(
  { info, inputs, outputs }: RegistryEntry,
  stage: AnyStage,
  { rows, choices }: ParamPage,
  columns: number,
  paint: Paint,
): string {
  const heading = `${paint.bold(info.id)} ${paint.dim(`version ${info.version}, ${info.kind}`)}\n${info.description}`;
  const parts = [
    heading,
    ...ports("Inputs", inputs, paint),
    ...ports("Outputs", outputs, paint),
    [paint.bold("Parameters"), ...(rows.length === 0 ? ["  none"] : rowLines(rows, 0, columns, paint))].join("\n"),
    ...choices.map((choice) => choiceText(choice, columns, paint)),
    ...examples(info.id, stage.examples ?? [], paint),
  ];
  return `${parts.join("\n\n")}\n`;
}

function ports(name: string, all: Readonly<Record<string, Port>>, paint: Paint): string[] {
  const entries = Object.entries(all);
  if (entries.length === 0) return [];
  return [[paint.bold(name), ...entries.map(([port, value]) => `  ${port}: ${portText(value)}`)].join("\n")];
}

function portText(port: Port): string {
  if (port.artifact !== "dataset") return port.artifact;
  const columns = (list: Readonly<Record<string, string>>) =>
    Object.entries(list)
      .map(([name, type]) => `${name} (${type})`)
      .join(", ");
  const parts = [
    ...(Object.keys(port.columns).length > 0 ? [`with ${columns(port.columns)}`] : []),
    ...(port.oneOf !== undefined && port.oneOf.length > 0 ? [`with ${port.oneOf.map(columns).join(" or ")}`] : []),
    ...(port.optional !== undefined && Object.keys(port.optional).length > 0
      ? [`maybe ${columns(port.optional)}`]
      : []),
  ];
  return ["dataset", ...parts].join(" ").replaceAll(") with", "), with").replaceAll(") maybe", "), maybe");
}

/** Parameters with their types and descriptions; the keys of a mapping stand under it, further to the right. */
function rowLines(rows: readonly ParamRow[], depth: number, columns: number, paint: Paint): string[] {
  const width = Math.max(0, ...rows.map(({ name }) => name.length));
  const indented = (lines: readonly string[]) => lines.map((line) => "  ".repeat(depth) + line);
  const room = columns - 2 * depth;
  return rows.flatMap(({ name, type, required, fallback, description, inside }) => {
    const state = required ? ", required" : fallback === null ? "" : `, default ${fallback}`;
    const [first, ...rest] = described([[fill(name, width), `${type}${state}`]], room, paint.dim);
    const text = description === "" ? [] : described([[" ".repeat(width), description]], room);
    return [
      ...indented([first.replace(name, paint.cyan(name)), ...rest, ...text]),
      ...inside.flatMap((object) => [
        ...(inside.length > 1 ? described([["", objectTitle(object)]], room, paint.dim) : []),
        ...rowLines(object.rows, depth + (inside.length > 1 ? 2 : 1), columns, paint),
      ]),
    ];
  });
}

function objectTitle({ rows, description }: ParamObject): string {
  const names = `{ ${rows.map(({ name }) => name).join(", ")} }`;
  return description === "" ? names : `${names}: ${description}`;
}

/** A choice: every name with its parameters; names without any stand together. */
function choiceText({ name, users, options }: ParamChoice, columns: number, paint: Paint): string {
  const bare = options.filter(({ rows, description }) => rows.length === 0 && description === "");
  const heading = `${paint.bold(name)}  ${paint.dim("one of these: its name, or { name: { parameters } }")}`;
  const names = (list: readonly ParamOption[]) => list.map((option) => paint.cyan(option.name)).join(", ");
  return [
    heading,
    ...(users.length > 1 ? [paint.dim(`  for ${users.join(", ")}`)] : []),
    ...options
      .filter((option) => !bare.includes(option))
      .flatMap((option) => [
        `  ${names([option])}`,
        ...(option.description === "" ? [] : described([["", option.description]], columns)),
        ...rowLines(option.rows, 1, columns, paint),
      ]),
    ...(bare.length > 0 ? [`  ${names(bare)}  ${paint.dim("no parameters")}`] : []),
  ].join("\n");
}

function examples(id: string, all: readonly StageExample[], paint: Paint): string[] {
  return all.slice(0, 3).map((example, at) => {
    const lines = [
      paint.bold(example.title ?? (at === 0 ? "Example" : "Another example")),
      `  ${paint.dim("use:")} ${id}`,
      ...(Object.keys(example.with ?? {}).length > 0 ? [`  ${paint.dim("with:")} ${flow(example.with)}`] : []),
      ...(example.in ?? []).slice(0, 4).map((row) => `  ${paint.dim("in:")}   ${cut(flow(row), 160)}`),
      ...(example.out ?? []).slice(0, 4).map((row) => `  ${paint.dim("out:")}  ${cut(flow(row), 160)}`),
    ];
    return lines.join("\n");
  });
}

/** A value as YAML would write it on a line. */
function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(", ")}]`;
  if (ArrayBuffer.isView(value)) return flow(Array.from(value as unknown as ArrayLike<number>));
  if (value === null || typeof value !== "object") return JSON.stringify(value) ?? "null";
  return `{${Object.entries(value)
    .map(([name, item]) => `${name}: ${flow(item)}`)
    .join(", ")}}`;
}
