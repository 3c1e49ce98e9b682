import { type Dataset, fail, type SeriesColumn, type TokensColumn } from "@seqloom/core";
import type { Tensor1D, Tensor3D } from "@tensorflow/tfjs-core";
import { targetsOf } from "./classes.js";
import { bestPath, collapse } from "./decoding/best-path.js";
import type { LayerParams } from "./layers/index.js";
import { shapeText } from "./layers/layer.js";
import type { Objective } from "./losses.js";
import { editDistance } from "./metrics/edit-distance.js";
import { type Network, stepsAfter } from "./network.js";
import type { SequenceTargets, Targets } from "./training/targets.js";

/** The output that says nothing; outputs 1, 2, … are the classes in their order. */
export const BLANK = 0;

/**
 * The tokens of each row as outputs, and the steps that the network has to say them.
 * @throws DiagnosticError `label-unseen` for a token that training did not have; `ctc-too-short` where the steps are too few.
 */
export function sequenceTargetsOf(
  data: Dataset,
  classes: readonly string[],
  rows: string,
  layers: readonly LayerParams[],
  network: Network,
): SequenceTargets {
  const { dictionary, indices, offsets } = data.column("tokens") as TokensColumn;
  const series = (data.column("series") as SeriesColumn).offsets;
  const after = stepsAfter(layers, network.input);
  const frames = Int32Array.from({ length: data.rows }, (_, row) => after(series[row + 1] - series[row]));
  const first = offsets[0];
  const used = indices.subarray(first, offsets[data.rows]);
  const values = targetsOf({ type: "label", dictionary, indices: used }, classes, rows).map((place) => place + 1);
  const starts = offsets.map((offset) => offset - first);
  for (let row = 0; row < data.rows; row++) {
    const own = values.subarray(starts[row], starts[row + 1]);
    const repeats = own.filter((value, i) => i > 0 && value === own[i - 1]).length;
    if (frames[row] >= own.length + repeats) continue;
    const steps = series[row + 1] - series[row];
    const message = `${rows}row ${row + 1} has ${steps} steps, of which the layers leave ${frames[row]}: too few to say its ${own.length} tokens`;
    const hint = `It takes a step for each token and one more between equal ones: ${own.length + repeats}. Use smaller strides or pools, or drop the row.`;
    throw fail("ctc-too-short", message, { hint });
  }
  return { kind: "sequences", values, offsets: starts, frames };
}

/**
 * Connectionist temporal classification (Graves and others 2006): the loss sums over all ways to say the tokens; the metric is
 * their label error rate, edits per token, of the best path.
 * @throws DiagnosticError `layer-shape` or `ctc-units` when the network does not give the classes and the blank for each step.
 */
export function speakerOf(network: Network, classes: readonly string[]): Objective {
  checkOutput(network, classes);
  const width = classes.length + 1;
  return {
    metric: "error_rate",
    losses: ({ tf, ops }, outputs, targets, weights) => {
      const { values, offsets, frames } = targets as SequenceTargets;
      const lengths = frames.map((_, row) => offsets[row + 1] - offsets[row]);
      const most = lengths.reduce((longest, length) => Math.max(longest, length), 1);
      const labels = new Int32Array(frames.length * most).fill(BLANK);
      for (const [row, length] of lengths.entries()) {
        labels.set(values.subarray(offsets[row], offsets[row] + length), row * most);
      }
      const wanted = tf.tensor2d(labels, [frames.length, most], "int32");
      const losses = ops.ctcLoss(outputs as Tensor3D, wanted, lengths, frames, { blank: BLANK });
      return weights === null ? losses : (tf.mul(losses, tf.tensor1d(weights, "float32")) as Tensor1D);
    },
    measure: (outputs, targets: Targets, row) => {
      const { values, offsets, frames } = targets as SequenceTargets;
      const size = outputs.length / frames.length;
      const said = collapse(bestPath(outputs, row * size, frames[row], width), BLANK);
      const wanted = values.subarray(offsets[row], offsets[row + 1]);
      return editDistance(wanted, said).edits / Math.max(wanted.length, 1);
    },
  };
}

function checkOutput({ output, layers }: Network, classes: readonly string[]): void {
  const last = layers.length - 1;
  const [, units] = output.shape;
  if (output.shape.length !== 2) {
    throw fail(
      "layer-shape",
      `layers[${last}] gives ${shapeText(output.shape)} where probabilities for each step are wanted`,
      {
        hint: "Set `return_sequences: true` on recurrent layers, and leave out flatten and global pooling.",
        param: ["layers", last],
      },
    );
  }
  const wanted = classes.length + 1;
  if (units === wanted) return;
  const message = `layers[${last}] gives ${units} numbers per step; ${classes.length} tokens and the blank are wanted`;
  throw fail("ctc-units", message, { hint: `Set units: ${wanted}.`, param: ["layers", last] });
}
