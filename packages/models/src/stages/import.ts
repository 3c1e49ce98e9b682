import { defineStage, value } from "@seqloom/core";
import { z } from "zod";
import { type ModelConfig, modelOf } from "../artifact.js";
import type { InputSpec } from "../input.js";
import { layersSchema } from "../layers/index.js";
import { lossProblems, lossSchema, objectiveOf } from "../losses.js";
import { buildNetwork, headOf, takesAnyLength } from "../network.js";
import { optimizerSchema } from "../optimizers.js";
import { choice, chosen } from "../params/choice.js";
import { summaryTable } from "../summary.js";
import { WeightFile } from "../weights/file.js";
import { namesSchema, orderSchema, weightsFromFile } from "../weights/import.js";

const inputs = {
  ids: z.strictObject({
    size: z.int().positive().describe("Number of ids"),
    length: z.int().positive().describe("Ids per row"),
    pad: z.int().min(-1).default(0).describe("The id that fills short rows; -1: none"),
    masked: z.boolean().default(false).describe("Pass over the id that fills rows, as `mask_zero` of embedding does"),
  }),
  series: z.strictObject({
    width: z.int().positive().describe("Numbers per step"),
    length: z.int().positive().nullable().default(null).describe("Steps per row; null: any number"),
  }),
  vector: z.strictObject({ width: z.int().positive().describe("Numbers per row") }),
};

/** Makes a model of weights that were trained elsewhere. */
export const importModel = defineStage({
  id: "models/import",
  version: 1,
  description: "Makes a model of layers and of weights that PyTorch or Keras trained",
  inputs: {},
  outputs: { model: value("model") },
  params: z.strictObject({
    file: z.string().min(1).describe("A safetensors file: path, relative to the pipeline"),
    order: orderSchema.describe("Whose layout the weights have: pytorch or keras"),
    input: choice("input", inputs).describe("What the model reads: `{ids: {size: 5000, length: 55}}`"),
    layers: layersSchema.describe("The layers, first to last, as models/train has them"),
    classes: z.array(z.string()).min(1).describe("The class of each output, in their order"),
    names: namesSchema
      .default({})
      .describe("What layers are called in the file: `{lstm: rnn, lstm_1: {prefix: rnn, level: 1}}`"),
    loss: lossSchema
      .default("auto")
      .describe("What turns outputs into probabilities; auto: what belongs to the last layer"),
  }),
  files: ({ file }) => ({ weights: [{ path: file }] }),
  check: ({ layers, loss }) => lossProblems(loss, headOf(layers), layers.length - 1),
  async run(_, params, context) {
    const [{ path, name }] = context.files.weights;
    const input = inputOf(params);
    const network = buildNetwork(params.layers, input.flow);
    const objective = objectiveOf(params.loss, network, params.classes);
    const file = await WeightFile.read(path, name);
    const values = weightsFromFile(network, params.layers, file, params);
    const left = file.left();
    if (left.length > 0) context.log(`not used of ${name}: ${left.join(", ")}`);
    const config: ModelConfig = {
      format: "seqloom-model/1",
      layers: params.layers,
      input,
      classes: params.classes,
      loss: objective.name,
      optimizer: optimizerSchema.parse("adam"),
      history: {},
      best_epoch: null,
      summary: summaryTable(network),
      total_parameters: network.parameters,
    };
    return { model: modelOf(config, network, values) };
  },
});

function inputOf({
  input,
  layers,
}: {
  readonly input: object;
  readonly layers: z.output<typeof layersSchema>;
}): InputSpec {
  const [column, values] = chosen(input as Readonly<Record<string, unknown>>);
  switch (column as keyof typeof inputs) {
    case "ids": {
      const { size, length, pad, masked } = values as z.output<typeof inputs.ids>;
      return {
        column: "ids",
        flow: { kind: "ids", shape: [length], size, pad },
        masked: masked && pad >= 0,
        any_length: false,
      };
    }
    case "series": {
      const { width, length } = values as z.output<typeof inputs.series>;
      const flow = { kind: "float", shape: [length, width] } as const;
      return { column: "series", flow, masked: false, any_length: length === null || takesAnyLength(layers, flow) };
    }
    case "vector": {
      const { width } = values as z.output<typeof inputs.vector>;
      return { column: "vector", flow: { kind: "float", shape: [width] }, masked: false, any_length: false };
    }
  }
}
