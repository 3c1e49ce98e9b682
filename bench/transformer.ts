// A transformer encoder that classifies sequences, against PyTorch.
import { Random, rootSeed } from "@seqloom/core";
import { buildNetwork, forward, initialWeights, layersSchema } from "@seqloom/models";
import * as ops from "@seqloom/models/ops";
import * as tf from "@tensorflow/tfjs-core";
import type { Comparison } from "./support/measure.js";
import { type Classifier, compareWithTorch, ownPeer } from "./support/torch.js";

export const name = "transformer";
export const description = "one training step and one inference batch of a transformer encoder; peer: PyTorch";

const SIZE = {
  batch: 32,
  time: 64,
  vocabulary: 5000,
  width: 128,
  heads: 4,
  feedForward: 512,
  layers: 2,
  classes: 2,
};

function build(): Classifier {
  const { batch, time, vocabulary, width, heads, feedForward, classes } = SIZE;
  const block = { transformer_encoder: { num_heads: heads, feed_forward: feedForward } };
  const layers = layersSchema.parse([
    { embedding: { units: width } },
    "positional_embedding",
    ...new Array(SIZE.layers).fill(block),
    "layer_normalization",
    "global_average_pooling_1d",
    { dense: { units: classes } },
  ]);
  const network = buildNetwork(layers, { kind: "ids", shape: [time], size: vocabulary, pad: -1 });
  const values = initialWeights(network, new Random(rootSeed(1)));
  const variables = new Map<string, tf.Variable>();
  for (const layer of network.layers) {
    for (const { name: weight, shape } of layer.weights) {
      const initial = tf.tensor(values.get(`${layer.name}/${weight}`) as Float32Array, [...shape]);
      variables.set(`${layer.name}/${weight}`, tf.variable(initial));
      initial.dispose();
    }
  }
  const ids = tf.randomUniformInt([batch, time], 0, vocabulary, 1);
  const pass = { device: { name: "simd", tf, ops, readsAtOnce: true }, random: null, mask: null } as const;
  return {
    labels: tf.randomUniformInt([batch], 0, classes, 1) as tf.Tensor1D,
    held: [...variables.values(), ids],
    logits: () => forward(network, ids, variables, pass) as tf.Tensor2D,
  };
}

/** Milliseconds of both sides. */
export function run(): Promise<Comparison[]> {
  const { batch, time, vocabulary, width, heads, feedForward, layers, classes } = SIZE;
  const model = `${layers} layers, ${heads} heads, width ${width}, batch ${batch}, ${time} steps, vocabulary ${vocabulary}`;
  const shape = [batch, time, vocabulary, width, heads, feedForward, layers, classes].map(String);
  return compareWithTorch({ bench: name, model, build, peer: ownPeer("torch_transformer.py", ...shape), seconds: 4 });
}
