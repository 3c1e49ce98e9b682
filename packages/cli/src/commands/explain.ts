import type { Explanation } from "@seqloom/core/plan-tools";
import { type Arguments, type Command, EXIT, flagValue } from "../command.js";
import { DEVICE_FLAG, deviceOf, openPipeline, POINT_FLAG, SETTING_FLAGS } from "../open.js";
import { showProblems } from "../problems.js";
import { type Paint, paintOf, takesColor } from "../terminal/paint.js";
import { harmless } from "../terminal/width.js";

/** Says why one stage would run, or how its key differs from another. */
export const explain: Command = {
  name: "explain",
  summary: "Say why a stage would run, or how its key differs from an earlier one",
  positionals: [
    { name: "FILE", description: "the pipeline file" },
    { name: "STAGE", description: "the stage to explain" },
  ],
  flags: {
    vs: {
      type: "string",
      value: "RUN|KEY",
      description:
        "Compare with this run (its ID, the beginning of it, or `latest`) or key; by default with the last one",
    },
    ...SETTING_FLAGS,
    point: POINT_FLAG,
    device: DEVICE_FLAG,
    json: {
      type: "boolean",
      description: "Print one JSON object on standard output, with all that the key is made of",
    },
  },
  examples: [
    ["seqloom explain pipelines/quickstart.yaml model", "Why would it run?"],
    [
      "seqloom explain pipelines/quickstart.yaml model --set params.units=64",
      "Why would it run with another parameter?",
    ],
    ["seqloom explain pipelines/quickstart.yaml model --vs 01JD", "What is different from that run?"],
    ["seqloom explain pipelines/quickstart.yaml model --json", "Everything that its key is made of"],
  ],

  async run(args, { out, err }) {
    const device = await deviceOf(args);
    const { pipeline, store } = await openPipeline(args);
    const stage = args.positionals[1];
    const { explainStage, findKey } = await import("@seqloom/core/plan-tools");
    const vs = flagValue(args, "vs");
    const explanation = await explainStage(pipeline, store, stage, {
      device,
      ...(vs !== undefined && { against: findKey(store, vs, stage) }),
    });
    if (args.has.has("json")) out.write(`${JSON.stringify(await explanationJson(explanation), null, 2)}\n`);
    else out.write(await explanationText(explanation, args, paintOf(takesColor(out))));
    const { planned } = explanation;
    if (planned.status !== "broken") return EXIT.ok;
    await showProblems(planned.diagnostics, pipeline, err);
    return EXIT.failed;
  },
};

async function explanationJson({ planned, against, differences, entry }: Explanation): Promise<object> {
  const { told } = await import("@seqloom/core/plan-tools");
  return {
    schema: "explain/1",
    stage: planned.node.name,
    use: planned.node.stage.id,
    status: planned.status,
    key: "key" in planned ? planned.key : null,
    against,
    reasons: differences.map(told),
    blessed: entry?.blessed ?? null,
    record: "record" in planned ? planned.record : null,
  };
}

async function explanationText(
  { planned, against, differences, entry }: Explanation,
  args: Arguments,
  paint: Paint,
): Promise<string> {
  const { reasonWords } = await import("../terminal/words.js");
  const words = { hit: "from cache", run: "would run", unknown: "may run", broken: "cannot run" }[planned.status];
  const { node } = planned;
  const key = "key" in planned ? planned.key.slice(0, 12) : "not known yet";
  const lines = [`${paint.bold(node.name)}  ${node.stage.id}  ${words}`, `${paint.dim("key")}  ${key}`];
  if (against !== null)
    lines.push(`${paint.dim("vs ")}  ${against.slice(0, 12)}${args.has.has("vs") ? "" : " (its last)"}`);
  if (entry?.blessed !== undefined) {
    const { author, at, reason, from, changes } = entry.blessed;
    lines.push(
      `Its result is that of ${from.slice(0, 12)}, accepted by ${harmless(author)} on ${at.slice(0, 10)}: ${harmless(reason)}`,
      ...changes.map((change) => `  ${paint.dim(harmless(change))}`),
    );
  }
  lines.push(
    "",
    ...(differences.length === 0 ? ["Nothing changed."] : reasonWords(differences).map((reason) => `- ${reason}`)),
  );
  return `${lines.join("\n")}\n`;
}
