// Embedding -> LSTM, GRU, SimpleRNN or bidirectional LSTM -> Dense with Adam, against PyTorch.
import { dense, embedding, gru, lstm, simpleRnn } from "@seqloom/models/ops";
import * as tf from "@tensorflow/tfjs-core";
import type { Comparison } from "./support/measure.js";
import { type Classifier, compareWithTorch, foreignPeer, weight } from "./support/torch.js";

/** Sizes of the batch and of the layers. */
export interface Size {
  readonly batch: number;
  readonly time: number;
  readonly vocabulary: number;
  readonly width: number;
  readonly units: number;
  readonly classes: number;
}

/** A recurrent layer: `cell` is the peer's name of it. */
export interface Model {
  readonly title: string;
  readonly cell: "lstm" | "gru" | "rnn";
  readonly bidirectional?: true;
}

export const name = "train-step";
export const description = "one training step and one inference batch of recurrent classifiers; peer: PyTorch";

export const SIZES: readonly Size[] = [
  { batch: 150, time: 55, vocabulary: 4823, width: 32, units: 32, classes: 2 },
  { batch: 128, time: 50, vocabulary: 20_000, width: 100, units: 100, classes: 2 },
];
export const MODELS: readonly Model[] = [
  { title: "LSTM", cell: "lstm" },
  { title: "GRU", cell: "gru" },
  { title: "SimpleRNN", cell: "rnn" },
  { title: "bidirectional LSTM", cell: "lstm", bidirectional: true },
];
const GATES = { lstm: 4, gru: 3, rnn: 1 } as const;

/** The weights of one direction, and the last state that they give of embedded rows. */
type Direction = readonly [weights: readonly tf.Variable[], last: (x: tf.Tensor3D) => tf.Tensor2D];

function direction({ cell }: Model, { width, units }: Size, goBackwards: boolean): Direction {
  const columns = GATES[cell] * units;
  const label = goBackwards ? "backward" : "forward";
  const kernel = weight(`${label}/kernel`, [width, columns]) as tf.Variable & tf.Tensor2D;
  const recurrentKernel = weight(`${label}/recurrent`, [units, columns]) as tf.Variable & tf.Tensor2D;
  // The GRU's bias is of the inputs and of the state, as in PyTorch.
  const bias = weight(`${label}/bias`, cell === "gru" ? [2, columns] : [columns]) as tf.Variable & tf.Tensor1D;
  const run = { lstm, gru, rnn: simpleRnn }[cell];
  return [[kernel, recurrentKernel, bias], (x) => run({ x, kernel, recurrentKernel, bias, goBackwards }).h];
}

/** A recurrent classifier on the active backend. */
export function build(model: Model, size: Size): Classifier {
  const { batch, time, vocabulary, width, units, classes } = size;
  const table = weight("table", [vocabulary, width]) as tf.Variable & tf.Tensor2D;
  const directions = [direction(model, size, false)];
  if (model.bidirectional) directions.push(direction(model, size, true));
  const output = weight("output", [units * directions.length, classes]) as tf.Variable & tf.Tensor2D;
  const outputBias = weight("outputBias", [classes]) as tf.Variable & tf.Tensor1D;
  const ids = tf.randomUniformInt([batch, time], 0, vocabulary, 1) as tf.Tensor2D;
  return {
    labels: tf.randomUniformInt([batch], 0, classes, 1) as tf.Tensor1D,
    held: [table, ...directions.flatMap(([weights]) => weights), output, outputBias, ids],
    logits: () => {
      const x = embedding(ids, table);
      const states = directions.map(([, last]) => last(x));
      const state = states.length === 1 ? (states[0] as tf.Tensor2D) : tf.concat(states, 1);
      return dense(state, output, outputBias) as tf.Tensor2D;
    },
  };
}

/** Milliseconds of both sides, for every model and size. */
export async function run(): Promise<Comparison[]> {
  const rows: Comparison[] = [];
  for (const model of MODELS) {
    for (const size of SIZES) {
      const { batch, time, vocabulary, width, units, classes } = size;
      const shape = [batch, time, vocabulary, width, units, classes].map(String);
      const both = model.bidirectional ? ["--bidirectional"] : [];
      rows.push(
        ...(await compareWithTorch({
          bench: name,
          model: `${model.title} ${units}, batch ${batch}, ${time} steps, vocabulary ${vocabulary}`,
          build: () => build(model, size),
          peer: foreignPeer("torch_rnn.py", model.cell, ...shape, ...both),
          seconds: 2,
        })),
      );
    }
  }
  return rows;
}
