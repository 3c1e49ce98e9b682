import { type Command, EXIT } from "../command.js";
import { openPipeline, POINT_FLAG, SETTING_FLAGS } from "../open.js";

/** Prints a pipeline with everything resolved. */
export const render: Command = {
  name: "render",
  summary: "Print a pipeline file with everything resolved: defaults, references, ports",
  positionals: [{ name: "FILE", description: "the pipeline file" }],
  flags: {
    ...SETTING_FLAGS,
    point: POINT_FLAG,
    json: { type: "boolean", description: "Print the compiled pipeline as JSON" },
  },
  examples: [
    ["seqloom render pipelines/quickstart.yaml", "What is every parameter?"],
    ["seqloom render pipelines/quickstart.yaml --set params.units=64 > big.yaml", "A file of its own"],
  ],

  async run(args, { out }) {
    const { pipeline } = await openPipeline(args);
    if (args.has.has("json")) {
      out.write(`${JSON.stringify(pipeline, null, 2)}\n`);
      return EXIT.ok;
    }
    const { pipelineToYaml } = await import("@seqloom/core/yaml");
    out.write(pipelineToYaml(pipeline));
    return EXIT.ok;
  },
};
