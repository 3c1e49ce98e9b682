import { resolve } from "node:path";
import type { Pipeline, StageNode } from "@seqloom/core";
import { type Command, EXIT, flagValue, UsageError } from "../command.js";
import { withRunHint } from "../not-trained.js";
import { DEVICE_FLAG, deviceOf, openPipeline, SETTING_FLAGS } from "../open.js";
import { shownPath } from "../paths.js";

const FORMATS = ["keras", "safetensors"];

/** Writes what a pipeline learned into a folder for other tools. */
export const exportCommand: Command = {
  name: "export",
  summary: "Write a trained model into a folder for other tools: weights, Keras' JSON, vocabularies",
  positionals: [{ name: "FILE", description: "the pipeline file" }],
  flags: {
    format: {
      type: "string",
      value: FORMATS.join("|"),
      description: "keras: with model.json, which Keras reads (default); safetensors: without, for any model",
    },
    to: { type: "string", value: "FOLDER", description: "A new or empty folder (default: exported)" },
    stage: { type: "string", value: "NAME", description: "The stage whose model it is, where there are several" },
    ...SETTING_FLAGS,
    device: DEVICE_FLAG,
    json: { type: "boolean", description: "Print the files as one JSON object" },
  },
  notes: [
    [
      "Files",
      [
        ["weights.safetensors", "the weights, named `lstm/kernel`, in Keras' layout"],
        ["model.json", "the layers as Keras' `model.to_json()` writes them (format keras)"],
        ["pipeline.json", "what the model reads and gives, its layers, and the stages that prepare its input"],
        ["STAGE/…", "what these stages learned: `ids/vocabulary.json`"],
      ],
    ],
  ],
  examples: [
    ["seqloom export pipelines/movie-reviews.yaml --to movie-model", "The model of a pipeline that was run"],
    ["seqloom export pipelines/shapes-lstm.yaml --format safetensors", "Weights and facts alone"],
    ["seqloom export compare.yaml --stage lstm --to lstm-model", "One model of several"],
  ],

  async run(args, { out }) {
    const device = await deviceOf(args);
    const format = flagValue(args, "format") ?? "keras";
    if (!FORMATS.includes(format)) {
      const { didYouMean } = await import("@seqloom/core");
      throw new UsageError(`there is no format "${format}"`, didYouMean(format, FORMATS, "format"));
    }
    const { pipeline, store } = await openPipeline(args);
    const node = await modelNode(pipeline, flagValue(args, "stage"));
    const { exportPipeline } = await import("../export.js");
    const folder = resolve(flagValue(args, "to") ?? "exported");
    try {
      const files = await exportPipeline(pipeline, store, node, { format: format as "keras", folder, device });
      if (args.has.has("json")) out.write(`${JSON.stringify({ folder, stage: node.name, files })}\n`);
      else for (const name of files) out.write(`${shownPath(resolve(folder, name))}\n`);
    } catch (error) {
      throw withRunHint(error, args);
    }
    return EXIT.ok;
  },
};

/** The stage whose model is meant. */
async function modelNode(pipeline: Pipeline, name: string | undefined): Promise<StageNode> {
  const { didYouMean, fail, modelPort } = await import("@seqloom/core");
  const models = pipeline.nodes.filter((node) => modelPort(node) !== undefined);
  const listed = models.map((node) => `${node.name} (${node.stage.id})`).join(", ");
  if (name !== undefined) {
    const found = models.find((node) => node.name === name);
    if (found !== undefined) return found;
    const names = models.map((node) => node.name);
    const other = pipeline.nodes.some((node) => node.name === name)
      ? `stage "${name}" has no model`
      : `there is no stage "${name}"`;
    throw new UsageError(`--stage: ${other}`, names.length === 0 ? "" : didYouMean(name, names, "stage with a model"));
  }
  if (models.length === 1) return models[0];
  if (models.length > 1)
    throw new UsageError(`the pipeline has several models: ${listed}`, `Name one: --stage ${models[0].name}.`);
  throw fail("no-model", `pipeline "${pipeline.name}" has no model to export`, {
    hint: "A stage such as models/train makes one.",
  });
}
