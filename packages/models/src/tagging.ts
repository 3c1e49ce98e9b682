import {
  type Dataset,
  fail,
  type IdsColumn,
  type PaddedColumn,
  type SeriesColumn,
  type TagsColumn,
} from "@seqloom/core";
import type { Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import { targetsOf } from "./classes.js";
import type { Device } from "./device.js";
import type { InputSpec } from "./input.js";
import type { LayerParams } from "./layers/index.js";
import { shapeText } from "./layers/layer.js";
import type { Objective } from "./losses.js";
import { type Network, stepsAfter } from "./network.js";
import type { TagTargets, Targets } from "./training/targets.js";

/** The first index of the largest of `width` numbers from `at` on. */
export function largest(values: ArrayLike<number>, at: number, width: number): number {
  let best = 0;
  for (let i = 1; i < width; i++) if (values[at + i] > values[at + best]) best = i;
  return best;
}

/** Where the steps of each row that a model reads begin: row r has `offsets[r + 1] - offsets[r]` of them. */
export function stepOffsets(data: Dataset, { column, any_length }: InputSpec): Int32Array {
  if (column !== "ids") return (data.column(column) as SeriesColumn).offsets;
  if (any_length) return (data.column("ids") as IdsColumn).offsets;
  const { width } = data.column("ids") as PaddedColumn;
  return Int32Array.from({ length: data.rows + 1 }, (_, row) => row * width);
}

/**
 * The class of each tagged step, as its place in `classes`.
 * @throws DiagnosticError `tags-length`, `tags-missing`; `label-unseen` for a tag that training did not have.
 */
export function tagTargetsOf(data: Dataset, classes: readonly string[], rows: string, input: InputSpec): TagTargets {
  const column = data.column("tags") as TagsColumn;
  const expected = stepOffsets(data, input);
  const { dictionary, indices, offsets } = column;
  const row = offsets.findIndex((end, i) => end !== expected[i]) - 1;
  if (row >= 0) {
    const [tags, steps] = [offsets, expected].map((all) => all[row + 1] - all[row]);
    const hint = "Tags and tokens must come from the same stage, and the stages between must keep every token.";
    throw fail("tags-length", `${rows}row ${row + 1} has ${tags} tags for ${steps} steps`, { hint });
  }
  const kept: number[] = [];
  const starts = new Int32Array(data.rows + 1);
  for (let i = 0; i < data.rows; i++) {
    for (let at = offsets[i]; at < offsets[i + 1]; at++) if (indices[at] >= 0) kept.push(at);
    starts[i + 1] = kept.length;
    if (starts[i + 1] > starts[i]) continue;
    throw fail("tags-missing", `${rows}row ${i + 1} has no tag`, { hint: "Drop the rows without tokens or tags." });
  }
  const owner = rowsOf(starts);
  const known = targetsOf(
    { type: "label", dictionary, indices: Int32Array.from(kept, (at) => indices[at]) },
    classes,
    rows,
  );
  const steps = Int32Array.from(kept, (at, item) => at - offsets[owner[item]]);
  return { kind: "tags", values: known, steps, offsets: starts };
}

/** The row of each item. */
function rowsOf(offsets: Int32Array): Int32Array {
  const rows = new Int32Array(offsets[offsets.length - 1]);
  for (let row = 0; row + 1 < offsets.length; row++) rows.fill(row, offsets[row], offsets[row + 1]);
  return rows;
}

/**
 * Cross-entropy over the tagged steps alone: a mean over steps, not over rows.
 * @throws DiagnosticError `layer-shape` or `classes-units` when the network does not give a class for each step.
 */
export function taggerOf(
  network: Network,
  layers: readonly LayerParams[],
  classes: readonly string[],
  labelSmoothing: number,
): Objective {
  checkOutput(network, layers, classes);
  const width = classes.length;
  const pick = ({ tf }: Device, outputs: Tensor, targets: TagTargets): Tensor2D => {
    const [batch, time] = outputs.shape as [number, number];
    const rows = rowsOf(targets.offsets);
    const places = tf.tensor1d(
      targets.steps.map((step, item) => rows[item] * time + step),
      "int32",
    );
    return tf.gather(tf.reshape(outputs, [batch * time, width]), places) as Tensor2D; // [items, classes]
  };
  return {
    metric: "accuracy",
    losses: (device, outputs, targets, weights) => {
      const { tf, ops } = device;
      const given = weights === null ? undefined : (tf.tensor1d(weights, "float32") as Tensor1D);
      const labels = tf.tensor1d(targets.values as Int32Array, "int32");
      return ops.softmaxCrossEntropy(pick(device, outputs, targets as TagTargets), labels, given, { labelSmoothing });
    },
    shown: (device, outputs, targets) => pick(device, outputs, targets as TagTargets),
    items: (targets, weights) =>
      weights === null ? null : Float32Array.from(rowsOf((targets as TagTargets).offsets), (row) => weights[row]),
    measure: (shown, targets: Targets, item) => (largest(shown, item * width, width) === targets.values[item] ? 1 : 0),
  };
}

function checkOutput(network: Network, layers: readonly LayerParams[], classes: readonly string[]): void {
  const last = layers.length - 1;
  const { input, output } = network;
  const [time, units] = output.shape;
  const length = input.shape[0] ?? PROBE;
  if (output.shape.length !== 2 || time !== input.shape[0] || stepsAfter(layers, input)(length) !== length) {
    const given = shapeText(output.shape);
    throw fail("layer-shape", `layers[${last}] gives ${given} where a class for each step is wanted`, {
      hint: "Set `return_sequences: true` on recurrent layers; pooling, and convolutions without `padding: same`, change the number of steps.",
      param: ["layers", last],
    });
  }
  if (units === classes.length && classes.length > 1) return;
  const shown = classes.slice(0, 8).join(", ") + (classes.length > 8 ? ", …" : "");
  const message = `layers[${last}] gives ${units} numbers per step; the train rows have ${classes.length} tags (${shown})`;
  const hint =
    classes.length < 2 ? "There is nothing to learn: check the column tags." : `Set units: ${classes.length}.`;
  throw fail("classes-units", message, { hint, param: ["layers", last] });
}

/** A length to try layers with that take any. */
const PROBE = 1000;
