import { type Dataset, dataset, defineEstimator } from "@seqloom/core";
import { z } from "zod";
import { classesOf } from "../classes.js";
import { inputSpecOf } from "../input.js";
import { buildNetwork, headOf } from "../network.js";
import { sequenceTargetsOf, speakerOf } from "../sequences.js";
import { monitorParams, networkParams, trainingParams, trainingProblems } from "../training/params.js";
import { describeModel, requireRows, trainModel } from "../training/train-model.js";
import { predictRows } from "../warm.js";

const { layers } = networkParams;

/** Trains layers to say a sequence of tokens from frames, without being told which frame says which token. */
export const trainCtc = defineEstimator({
  id: "models/train-ctc",
  version: 1,
  description:
    "Trains a neural network that turns frames, such as those of speech, into tokens, such as letters, by CTC",
  isolation: "process",
  seeded: true,
  resumable: "exact",
  usesDevice: true,
  cpu: "all",
  input: dataset({ series: "series", tokens: "tokens" }, { optional: { weight: "number" } }),
  output: dataset({ predicted_tokens: "tokens", frame_probabilities: "series" }),
  state: "model",
  fitOnly: ["tokens", "split", "weight"],
  params: z.strictObject({ layers, ...trainingParams, ...monitorParams("error_rate") }),
  check: (params) => {
    const head = headOf(params.layers);
    const last = params.layers.length - 1;
    const message = `CTC needs a last layer with activation softmax, this one has ${head}`;
    const hint = "Write `dense: {units: <tokens and one more for the blank>, activation: softmax}` last.";
    return [...(head === "softmax" ? [] : [{ path: ["layers", last], message, hint }]), ...trainingProblems(params)];
  },

  async fit(rows, params, context) {
    const data = rows as unknown as Dataset;
    requireRows(data, context.validation, params);
    const { dictionary, indices, offsets } = rows.column("tokens");
    const classes = classesOf({ type: "label", dictionary, indices: indices.subarray(offsets[0], offsets[rows.rows]) });
    const network = buildNetwork(params.layers, inputSpecOf(data, false).flow);
    return trainModel(
      data,
      { ...params, use_mask: false },
      {
        objective: (own) => speakerOf(own, classes),
        targets: (some, which) => sequenceTargetsOf(some, classes, which, params.layers, network),
        classWeights: null,
        config: () => ({ classes, task: "sequences", loss: "ctc" }),
      },
      context,
    );
  },

  apply: (batch, model, _params, context) => predictRows(model, batch as unknown as Dataset, context),

  describe: describeModel,
});
