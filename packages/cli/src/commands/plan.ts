import { type Plan, type PlanNode, planPipeline, reasonText } from "@seqloom/core/engine";
import { type Command, EXIT } from "../command.js";
import { rounded } from "../json.js";
import { DEVICE_FLAG, deviceOf, openPipelineOrPoints, POINT_FLAG, SETTING_FLAGS } from "../open.js";
import { showProblems } from "../problems.js";
import { PART_FLAGS, PART_POSITIONALS, requireWhole, selectionOf } from "../selection.js";
import { type Paint, paintOf, takesColor } from "../terminal/paint.js";

/** Says what `run` would do, and why; runs nothing. */
export const plan: Command = {
  name: "plan",
  summary: "Say what run would do, stage by stage, and why",
  positionals: PART_POSITIONALS,
  flags: {
    ...SETTING_FLAGS,
    ...PART_FLAGS,
    device: DEVICE_FLAG,
    point: POINT_FLAG,
    json: { type: "boolean", description: "Print one JSON object on standard output" },
  },
  examples: [
    ["seqloom plan pipelines/quickstart.yaml", "What would run now?"],
    ["seqloom plan pipelines/quickstart.yaml --set params.units=64", "What would run with another parameter?"],
    ["seqloom plan sweep.yaml", "A file with a matrix: what its points share, and how many stages would run"],
  ],

  async run(args, { out, err }) {
    const device = await deviceOf(args);
    const opened = await openPipelineOrPoints(args);
    if ("points" in opened) {
      requireWhole(args);
      return (await import("../sweeps/plan.js")).planPoints(opened, args, { out, err });
    }
    const { pipeline, store } = opened;
    const planned = await planPipeline(pipeline, store, { ...selectionOf(args, pipeline), device });
    const broken = planned.nodes.flatMap((node) => (node.status === "broken" ? node.diagnostics : []));
    if (args.has.has("json")) {
      out.write(`${JSON.stringify(planJson(planned))}\n`);
    } else {
      out.write(await planText(planned, paintOf(takesColor(out))));
      if (broken.length > 0) await showProblems(broken, pipeline, err);
    }
    return broken.length > 0 ? EXIT.failed : EXIT.ok;
  },
};

function planJson({ pipeline, nodes, savedMs }: Plan): object {
  const broken = nodes.flatMap((node) => (node.status === "broken" ? node.diagnostics : []));
  return {
    pipeline,
    stages: nodes.map((planned) => ({
      name: planned.node.name,
      use: planned.node.stage.id,
      status: planned.status,
      reasons: "reasons" in planned ? planned.reasons.map(reasonText) : [],
      key: "key" in planned ? planned.key : null,
    })),
    saved_ms: rounded(savedMs),
    ...(broken.length > 0 && { error: { diagnostics: broken } }),
  };
}

async function planText({ nodes, savedMs }: Plan, paint: Paint): Promise<string> {
  const [{ reasonWords }, { aligned }, { duration }] = await Promise.all([
    import("../terminal/words.js"),
    import("../terminal/summary.js"),
    import("@seqloom/report/format"),
  ]);
  const words = (planned: PlanNode): string => {
    switch (planned.status) {
      case "hit":
        return "from cache";
      case "run":
        return "would run";
      case "unknown":
        return "may run";
      case "broken":
        return planned.held === undefined ? "cannot run: its files cannot be read" : "must not run, and has no result";
    }
  };
  const signs = { hit: paint.green("✓"), run: paint.blue("●"), unknown: paint.yellow("?"), broken: paint.red("✗") };
  const names = aligned(nodes.map(({ node }) => [node.name]));
  const width = Math.max(0, ...names.map((name) => name.length));
  // One reason stands beside the words, several below them: a line each.
  const lines = nodes.flatMap((planned, at) => {
    const reasons = "reasons" in planned ? reasonWords(planned.reasons) : [];
    const line = `${signs[planned.status]} ${paint.bold(names[at].padEnd(width))}  ${words(planned)}`;
    if (reasons.length < 2) return [reasons.length === 0 ? line : `${line}: ${reasons[0]}`];
    return [`${line}:`, ...reasons.map((reason) => `${" ".repeat(width + 6)}${reason}`)];
  });
  const number = (status: PlanNode["status"]) => nodes.filter((node) => node.status === status).length;
  const counts = [
    `${number("hit")} from cache${savedMs >= 1 ? `, saving ${duration(savedMs)}` : ""}`,
    `${number("run")} to run`,
    ...(number("unknown") > 0 ? [`${number("unknown")} to see`] : []),
    ...(number("broken") > 0 ? [`${number("broken")} broken`] : []),
  ];
  return `${lines.join("\n")}\n\n${counts.join(paint.dim(" · "))}\n`;
}
