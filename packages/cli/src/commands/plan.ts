import type { Pipeline } from "@seqloom/core";
import { type Plan, planPipeline, type Store } from "@seqloom/core/engine";
import { type Arguments, type Command, EXIT, type ExitCode, flagValue, type Io, UsageError } from "../command.js";
import { DEVICE_FLAG, deviceOf, openPipelineOrPoints, POINT_FLAG, SETTING_FLAGS } from "../open.js";
import { showProblems } from "../problems.js";
import { PART_FLAGS, PART_POSITIONALS, selectionOf } from "../selection.js";
import { paintOf, takesColor } from "../terminal/paint.js";

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
    diff: {
      type: "string",
      value: "PLAN.json",
      description: "Compare with an earlier plan: what the change reruns, and its time",
    },
    "if-changed": {
      type: "string",
      value: "WHAT",
      description: "What would run if this changed: a stage, params.NAME, seed, device, or a file of data or code",
    },
    json: { type: "boolean", description: "Print JSON on standard output (docs/plan.md)" },
  },
  examples: [
    ["seqloom plan pipelines/quickstart.yaml", "What would run now?"],
    ["seqloom plan pipelines/quickstart.yaml --set params.units=64", "What would run with another parameter?"],
    ["seqloom plan pipelines/quickstart.yaml --if-changed params.units", "What depends on a parameter?"],
    ["seqloom plan pipelines/quickstart.yaml --json > plan.json", "Keep the plan, for a pull request"],
    ["seqloom plan pipelines/quickstart.yaml --diff plan.json", "What does this change rerun?"],
    ["seqloom plan sweep.yaml", "A file with a matrix: what its points share, and how many stages would run"],
  ],

  async run(args, io) {
    const device = await deviceOf(args);
    const [what, diff] = [flagValue(args, "if-changed"), flagValue(args, "diff")];
    if (what !== undefined && diff !== undefined) throw new UsageError("--if-changed and --diff do not go together");
    const opened = await openPipelineOrPoints(args);
    if (what !== undefined) return tellWhatIf(opened.pipeline, what, args, io);
    if ("points" in opened) {
      if (diff !== undefined)
        throw new UsageError("--diff compares one pipeline", "Name a point of the matrix with --point.");
      return (await import("../sweeps/plan.js")).planPoints(opened, args, io);
    }
    const { pipeline, store } = opened;
    const planned = await planPipeline(pipeline, store, { ...selectionOf(args, pipeline), device });
    return diff === undefined
      ? tellPlan(pipeline, store, planned, args, io)
      : tellDifference(pipeline, store, planned, diff, args, io);
  },
};

/** Prints a plan, as text or as JSON; exit code 1 when a stage could not run. */
export async function tellPlan(
  pipeline: Pipeline,
  store: Store,
  planned: Plan,
  args: Arguments,
  { out, err }: Io,
): Promise<ExitCode> {
  const broken = planned.nodes.flatMap((node) => (node.status === "broken" ? node.diagnostics : []));
  if (args.has.has("json")) {
    const { lastComputeMs, planDocument } = await import("@seqloom/core/plan-tools");
    const document = planDocument(pipeline, planned, lastComputeMs(pipeline, store));
    out.write(
      `${JSON.stringify({ ...document, ...(broken.length > 0 && { error: { diagnostics: broken } }) }, null, 2)}\n`,
    );
  } else {
    const { planText } = await import("../terminal/plan.js");
    out.write(planText(planned, paintOf(takesColor(out))));
    if (broken.length > 0) await showProblems(broken, pipeline, err);
  }
  return broken.length > 0 ? EXIT.failed : EXIT.ok;
}

async function tellDifference(
  pipeline: Pipeline,
  store: Store,
  planned: Plan,
  file: string,
  args: Arguments,
  { out }: Io,
): Promise<ExitCode> {
  const { comparePlans, lastComputeMs, planDocument, readPlan } = await import("@seqloom/core/plan-tools");
  const difference = comparePlans(readPlan(file), planDocument(pipeline, planned, lastComputeMs(pipeline, store)));
  const { differenceText } = await import("../terminal/plan.js");
  out.write(
    args.has.has("json")
      ? `${JSON.stringify(difference, null, 2)}\n`
      : differenceText(difference, paintOf(takesColor(out))),
  );
  return EXIT.ok;
}

async function tellWhatIf(pipeline: Pipeline, what: string, args: Arguments, { out }: Io): Promise<ExitCode> {
  const { codeFiles, whatIf } = await import("@seqloom/core/plan-tools");
  const answer = whatIf(pipeline, what, codeFiles);
  const { whatIfText } = await import("../terminal/plan.js");
  out.write(
    args.has.has("json") ? `${JSON.stringify(answer, null, 2)}\n` : whatIfText(answer, paintOf(takesColor(out))),
  );
  return EXIT.ok;
}
