// Embedding -> Conv1D -> maximum over time -> Dense with Adam, against PyTorch.
import { conv1d, dense, embedding, globalMaxPooling1d } from "@seqloom/models/ops";
import * as tf from "@tensorflow/tfjs-core";
import type { Comparison } from "./support/measure.js";
import { type Classifier, compareWithTorch, ownPeer, weight } from "./support/torch.js";

export const name = "conv";
export const description = "one training step and one inference batch of a Conv1D text classifier; peer: PyTorch";

const SIZE = { batch: 128, time: 100, vocabulary: 5000, width: 64, filters: 128, kernel: 5, classes: 2 };

function build(): Classifier {
  const { batch, time, vocabulary, width, filters, kernel, classes } = SIZE;
  const table = weight("table", [vocabulary, width]) as tf.Tensor2D;
  const taps = weight("taps", [kernel, width, filters]) as tf.Tensor3D;
  const bias = weight("bias", [filters]) as tf.Tensor1D;
  const output = weight("output", [filters, classes]) as tf.Tensor2D;
  const outputBias = weight("outputBias", [classes]) as tf.Tensor1D;
  const ids = tf.randomUniformInt([batch, time], 0, vocabulary, 1) as tf.Tensor2D;
  return {
    labels: tf.randomUniformInt([batch], 0, classes, 1) as tf.Tensor1D,
    held: [table, taps, bias, output, outputBias, ids],
    logits: () => {
      const sequence = conv1d(embedding(ids, table), taps, { bias, activation: "relu" });
      return dense(globalMaxPooling1d(sequence), output, outputBias) as tf.Tensor2D;
    },
  };
}

/** Milliseconds of both sides. */
export function run(): Promise<Comparison[]> {
  const { filters, kernel, batch, time, vocabulary } = SIZE;
  const model = `Conv1D ${filters}x${kernel}, batch ${batch}, ${time} steps, vocabulary ${vocabulary}`;
  const peer = ownPeer("torch_conv.py", ...Object.values(SIZE).map(String));
  return compareWithTorch({ bench: name, model, build, peer, seconds: 3 });
}
