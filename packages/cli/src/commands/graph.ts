import { writeFileSync } from "node:fs";
import { extname, resolve } from "node:path";
import type { Pipeline } from "@seqloom/core";
import { planPipeline } from "@seqloom/core/engine";
import { type Command, EXIT, flagValue, UsageError } from "../command.js";
import { openPipeline, POINT_FLAG, SETTING_FLAGS } from "../open.js";
import { shownPath } from "../paths.js";

const FORMATS = ["svg", "mermaid", "dot", "json"];

/** The format that the ending of a file stands for. */
const ENDINGS: Readonly<Record<string, string>> = {
  svg: "svg",
  mmd: "mermaid",
  mermaid: "mermaid",
  md: "mermaid",
  dot: "dot",
  gv: "dot",
  json: "json",
};

/** Draws the pipeline. */
export const graph: Command = {
  name: "graph",
  summary: "Draw the graph of a pipeline: SVG, Mermaid, Graphviz or JSON",
  positionals: [{ name: "FILE", description: "the pipeline file" }],
  flags: {
    format: {
      type: "string",
      value: FORMATS.join("|"),
      description: "The form; by the ending of --output, else mermaid",
    },
    output: { type: "string", value: "PATH", short: "o", description: "Write to a file (default: standard output)" },
    status: { type: "boolean", description: "Colour the stages by what the cache has" },
    ...SETTING_FLAGS,
    point: POINT_FLAG,
  },
  examples: [
    ["seqloom graph pipelines/quickstart.yaml -o quickstart.svg", "A picture"],
    ["seqloom graph pipelines/quickstart.yaml --format mermaid", "For a Markdown file"],
    ["seqloom graph pipelines/quickstart.yaml --format dot | dot -Tpdf > quickstart.pdf", "For Graphviz"],
  ],

  async run(args, { out, err }) {
    const output = flagValue(args, "output");
    const format = flagValue(args, "format") ?? formatOf(output);
    if (!FORMATS.includes(format)) {
      const { didYouMean } = await import("@seqloom/core");
      throw new UsageError(`there is no format "${format}"`, didYouMean(format, FORMATS, "format"));
    }
    const { pipeline, store } = await openPipeline(args);
    const statuses = args.has.has("status")
      ? Object.fromEntries(
          (await planPipeline(pipeline, store)).nodes.map(({ node, status }) => [
            node.name,
            { status: status === "hit" ? ("hit" as const) : ("skipped" as const) },
          ]),
        )
      : {};
    const { graphDot, graphMermaid, graphSvg } = await import("@seqloom/report");
    const text =
      format === "svg"
        ? await graphSvg(pipeline, statuses)
        : format === "dot"
          ? graphDot(pipeline, statuses)
          : format === "mermaid"
            ? graphMermaid(pipeline, statuses)
            : `${JSON.stringify(graphJson(pipeline), null, 2)}\n`;
    if (output === undefined) {
      out.write(text);
    } else {
      await write(output, text);
      err.write(`${shownPath(resolve(output))}\n`);
    }
    return EXIT.ok;
  },
};

/** @throws UsageError when the ending of the file is not that of a format. */
function formatOf(output: string | undefined): string {
  if (output === undefined) return "mermaid";
  const ending = extname(output).slice(1).toLowerCase();
  if (Object.hasOwn(ENDINGS, ending)) return ENDINGS[ending];
  const endings = Object.keys(ENDINGS).map((one) => `.${one}`);
  throw new UsageError(
    `cannot tell from "${output}" which format to write`,
    `End it in ${endings.slice(0, -1).join(", ")} or ${endings.at(-1)}, or give --format ${FORMATS.join("|")}.`,
  );
}

function graphJson({ name, nodes }: Pipeline): object {
  return {
    pipeline: name,
    stages: nodes.map((node) => ({ name: node.name, use: node.stage.id, params: node.params, outputs: node.outputs })),
    edges: nodes.flatMap((node) =>
      Object.entries(node.inputs).map(([port, from]) => ({ from, to: { stage: node.name, port } })),
    ),
  };
}

async function write(path: string, text: string): Promise<void> {
  try {
    writeFileSync(path, text);
  } catch (error) {
    const { fail } = await import("@seqloom/core");
    throw fail("output-file", `cannot write ${path}: ${(error as Error).message}`, {
      hint: "Give a path in a folder that is there and that you may write to.",
    });
  }
}
