import { userInfo } from "node:os";
import { type Command, EXIT, flagValue, UsageError } from "../command.js";
import { DEVICE_FLAG, deviceOf, openPipeline, POINT_FLAG, SETTING_FLAGS } from "../open.js";

/** Accepts the stored result of a stage for its new code. */
export const bless: Command = {
  name: "bless",
  summary: "Accept the stored result of a stage for its new code, after a refactor that changes no result",
  positionals: [
    { name: "FILE", description: "the pipeline file" },
    { name: "STAGE", description: "the stage whose code changed" },
  ],
  flags: {
    reason: { type: "string", value: "TEXT", description: "Why the result is the same; kept with it (required)" },
    author: { type: "string", value: "NAME", description: "Who says so (default: the name of this user)" },
    from: { type: "string", value: "RUN|KEY", description: "Whose result to accept (default: that of the last run)" },
    "whatever-changed": { type: "boolean", description: "Accept it although more than the code differs" },
    ...SETTING_FLAGS,
    point: POINT_FLAG,
    device: DEVICE_FLAG,
    json: { type: "boolean", description: "Print one JSON object on standard output" },
  },
  examples: [
    ['seqloom bless pipeline.yaml clean --reason "renamed a helper"', "Take the result that there is"],
    ["seqloom explain pipeline.yaml clean", "See what changed, and afterwards who accepted it"],
  ],

  async run(args, { out }) {
    const reason = flagValue(args, "reason");
    if (reason === undefined) {
      throw new UsageError("seqloom bless needs --reason", `For example: ${bless.examples[0][0]}`);
    }
    const device = await deviceOf(args);
    const { pipeline, store } = await openPipeline(args);
    const stage = args.positionals[1];
    const { bless: accept, findKey } = await import("@seqloom/core/plan-tools");
    const from = flagValue(args, "from");
    const blessing = await accept(pipeline, store, stage, {
      reason,
      author: flagValue(args, "author") ?? process.env.GIT_AUTHOR_NAME ?? userInfo().username,
      from: from === undefined ? undefined : findKey(store, from, stage),
      whateverChanged: args.has.has("whatever-changed"),
      device,
    });
    if (args.has.has("json")) out.write(`${JSON.stringify({ stage, ...blessing })}\n`);
    else
      out.write(
        `${stage}: the result of ${blessing.from.slice(0, 12)} stands for the code of now (${blessing.changes.join(", ")})\n`,
      );
    return EXIT.ok;
  },
};
