import { resolve } from "node:path";
import type { Pipeline, StageNode } from "@seqloom/core";
import { type Command, EXIT, flagValue, UsageError } from "../command.js";
import { withRunHint } from "../not-trained.js";
import { DEVICE_FLAG, deviceOf, openPipeline, SETTING_FLAGS } from "../open.js";
import { shownPath } from "../paths.js";

const FORMATS = ["keras", "safetensors"];

/** Writes what a pipeline learned, or the files that one of its stages made, into a folder. */
export const exportCommand: Command = {
  name: "export",
  summary: "Write a trained model, or the files that a stage made, into a folder for other tools",
  positionals: [{ name: "FILE", description: "the pipeline file" }],
  flags: {
    format: {
      type: "string",
      value: FORMATS.join("|"),
      description: "keras: with model.json, which Keras reads (default); safetensors: without, for any model",
    },
    to: { type: "string", value: "FOLDER", description: "A new or empty folder (default: exported)" },
    stage: {
      type: "string",
      value: "NAME",
      description: "The stage whose model or files it is, where there are several",
    },
    ...SETTING_FLAGS,
    device: DEVICE_FLAG,
    json: { type: "boolean", description: "Print the files as one JSON object" },
  },
  notes: [
    [
      "Files of a model; a stage such as audio/write-wav has its own",
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
    ["seqloom export pipelines/spectrogram-roundtrip.yaml --to sounds", "The WAV files that a stage made"],
  ],

  async run(args, { out }) {
    const device = await deviceOf(args);
    const format = flagValue(args, "format") ?? "keras";
    if (!FORMATS.includes(format)) {
      const { didYouMean } = await import("@seqloom/core");
      throw new UsageError(`there is no format "${format}"`, didYouMean(format, FORMATS, "format"));
    }
    const { pipeline, store } = await openPipeline(args);
    const { exportFiles, exportPipeline, filesPort } = await import("../export.js");
    const node = await exportedNode(pipeline, flagValue(args, "stage"), filesPort);
    const folder = resolve(flagValue(args, "to") ?? "exported");
    try {
      const files =
        filesPort(node) === undefined
          ? await exportPipeline(pipeline, store, node, { format: format as "keras", folder, device })
          : await exportFiles(pipeline, store, node, { folder, device });
      if (args.has.has("json")) out.write(`${JSON.stringify({ folder, stage: node.name, files })}\n`);
      else for (const name of files) out.write(`${shownPath(resolve(folder, name))}\n`);
    } catch (error) {
      throw withRunHint(error, args);
    }
    return EXIT.ok;
  },
};

/** The stage that is meant: the one with a model, or else the one that made files. */
async function exportedNode(
  { name: pipeline, nodes }: Pipeline,
  name: string | undefined,
  filesPort: (node: StageNode) => string | undefined,
): Promise<StageNode> {
  const { didYouMean, fail, modelPort } = await import("@seqloom/core");
  const models = nodes.filter((node) => modelPort(node) !== undefined);
  const makers = nodes.filter((node) => filesPort(node) !== undefined);
  if (name !== undefined) {
    const found = [...models, ...makers].find((node) => node.name === name);
    if (found !== undefined) return found;
    const names = [...models, ...makers].map((node) => node.name);
    const other = nodes.some((node) => node.name === name)
      ? `stage "${name}" has no model and makes no files`
      : `there is no stage "${name}"`;
    throw new UsageError(`--stage: ${other}`, names.length === 0 ? "" : didYouMean(name, names, "stage to export"));
  }
  const [meant, kind] = models.length > 0 ? [models, "models"] : [makers, "stages that make files"];
  if (meant.length === 1) return meant[0];
  if (meant.length > 1) {
    const listed = meant.map((node) => `${node.name} (${node.stage.id})`).join(", ");
    throw new UsageError(`the pipeline has several ${kind}: ${listed}`, `Name one: --stage ${meant[0].name}.`);
  }
  throw fail("no-model", `pipeline "${pipeline}" has no model to export, and no stage that makes files`, {
    hint: "A stage such as models/train makes a model, one such as audio/write-wav files.",
  });
}
