import { Random, rootSeed } from "@seqloom/core";
import {
  buildNetwork,
  type Device,
  type Flow,
  forward,
  initialWeights,
  layerSchema,
  layersSchema,
  openDevice,
} from "@seqloom/models";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { beforeAll, describe, expect, it } from "vitest";

const sequence: Flow = { kind: "float", shape: [7, 2] };

function normals(shape: number[], seed = 9): tf.Tensor {
  const random = new Random(rootSeed(seed));
  const size = shape.reduce((a, b) => a * b, 1);
  return tf.tensor(
    Float32Array.from({ length: size }, () => random.normal()),
    shape,
  );
}

/** Steps that are zero, which the masking layer masks, here and there. */
function gappy(): tf.Tensor {
  const real = [1, 1, 1, 1, 1, 0, 0, 0, 1, 0, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0];
  return tf.mul(normals([3, 7, 2]), tf.tensor3d(real, [3, 7, 1]));
}

/** Our layers, and their weights as tensors, the biases random too. */
function networkOf(layers: unknown, input: Flow) {
  const network = buildNetwork(layersSchema.parse(layers), input);
  const random = new Random(rootSeed(5));
  const values = initialWeights(network, random);
  const weights = new Map<string, tf.Tensor>();
  for (const layer of network.layers) {
    for (const { name, shape } of layer.weights) {
      const full = `${layer.name}/${name}`;
      const value = values.get(full)!;
      if (name.endsWith("bias")) for (let i = 0; i < value.length; i++) value[i] = random.normal() / 4;
      weights.set(full, tf.tensor(value, [...shape]));
    }
  }
  return { network, weights };
}

function expectClose(actual: tf.Tensor, expected: tf.Tensor): void {
  expect(actual.shape).toEqual(expected.shape);
  expect(tf.max(tf.abs(tf.sub(actual, expected))).dataSync()[0]).toBeLessThan(1e-5);
}

const zeros = { recurrentInitializer: "zeros" } as const;
const stockCells = {
  lstm: (returnSequences: boolean) =>
    tfl.layers.lstm({ units: 4, recurrentActivation: "sigmoid", returnSequences, ...zeros }),
  gru: (returnSequences: boolean) =>
    tfl.layers.gru({ units: 4, recurrentActivation: "sigmoid", returnSequences, ...zeros }),
  simple_rnn: (returnSequences: boolean) => tfl.layers.simpleRNN({ units: 4, returnSequences, ...zeros }),
} as const;
type Cell = keyof typeof stockCells;

/** Parameters of a cell with which it is the stock one. */
function cellOf(cell: Cell, returnSequences: boolean) {
  const units = { units: 4, return_sequences: returnSequences };
  return { [cell]: cell === "gru" ? { ...units, reset_after: false } : units };
}

describe.each(["cpu", "simd"])("recurrent layers on %s", (name) => {
  let device: Device;
  beforeAll(async () => {
    device = await openDevice(name);
  });

  function run(layers: unknown, x: tf.Tensor, random: Random | null = null, input: Flow = sequence) {
    const { network, weights } = networkOf(layers, input);
    return { output: forward(network, x, weights, { device, random, mask: null }), weights };
  }

  it.each<[Cell, boolean, boolean]>([
    ["gru", false, false],
    ["gru", true, true],
    ["simple_rnn", false, true],
    ["simple_rnn", true, false],
  ])("%s with masked steps, sequences %s, backwards %s, is the stock layer", (cell, sequences, backwards) => {
    tf.tidy(() => {
      const x = gappy();
      const params = { ...Object.values(cellOf(cell, sequences))[0], go_backwards: backwards };
      const { output, weights } = run(["masking", { [cell]: params }], x);
      const stock = stockCells[cell](sequences);
      Object.assign(stock, { goBackwards: backwards });
      const model = tfl.sequential({ layers: [tfl.layers.masking({ maskValue: 0, inputShape: [7, 2] }), stock] });
      model.setWeights([...weights.values()]);
      expectClose(output, model.predict(x) as tf.Tensor);
    });
  });

  it.each<[Cell, "concat" | "sum" | "mul" | "ave", boolean, boolean]>([
    ["lstm", "concat", true, true],
    ["lstm", "sum", false, true],
    ["gru", "mul", true, true],
    ["gru", "concat", false, false],
    ["simple_rnn", "ave", true, false],
    ["simple_rnn", "concat", true, true],
  ])("bidirectional %s, merged by %s, sequences %s, masked %s, is the stock layer", (cell, mode, sequences, masked) => {
    tf.tidy(() => {
      const x = masked ? gappy() : normals([3, 7, 2]);
      const layer = { bidirectional: { layer: cellOf(cell, sequences), merge_mode: mode } };
      const { output, weights } = run(masked ? ["masking", layer] : [layer], x);
      const inputShape = [7, 2];
      const stock = tfl.layers.bidirectional({
        layer: stockCells[cell](sequences) as tfl.RNN,
        mergeMode: mode,
        ...(masked ? {} : { inputShape }),
      });
      const masking = masked ? [tfl.layers.masking({ maskValue: 0, inputShape })] : [];
      const model = tfl.sequential({ layers: [...masking, stock] });
      model.setWeights([...weights.values()]);
      expectClose(output, model.predict(x) as tf.Tensor);
    });
  });

  it("stacks, and hands the mask on from layer to layer", () => {
    tf.tidy(() => {
      const layers = [
        "masking",
        { bidirectional: { layer: { gru: { units: 3, return_sequences: true } } } },
        { simple_rnn: { units: 4, return_sequences: true } },
        { lstm: { units: 5 } },
      ];
      const x = normals([1, 7, 2]);
      const padded = tf.concat([x, tf.zeros([1, 3, 2])], 1);
      const short = run(layers, x).output;
      const long = run(layers, padded, null, { kind: "float", shape: [10, 2] }).output;
      expect(short.shape).toEqual([1, 5]);
      expectClose(long, short);
    });
  });

  it.each(["lstm", "gru", "simple_rnn"])(
    "%s carries the initial state through a row that is masked altogether",
    (cell) => {
      tf.tidy(() => {
        const { output } = run(["masking", { [cell]: { units: 4, return_sequences: true } }], tf.zeros([2, 7, 2]));
        expect(Array.from(output.dataSync())).toEqual(new Array(2 * 7 * 4).fill(0));
      });
    },
  );

  it.each(["lstm", "gru", "simple_rnn"])("%s takes sequences of no steps", (cell) => {
    tf.tidy(() => {
      const { output } = run([{ [cell]: { units: 4 } }], tf.zeros([2, 0, 2]), null, { kind: "float", shape: [0, 2] });
      expect(output.shape).toEqual([2, 4]);
      expect(Array.from(output.dataSync())).toEqual(new Array(8).fill(0));
    });
  });

  it("learns through a masking layer that follows a trained one", () => {
    const { network, weights } = networkOf(
      [
        { dense: { units: 3, activation: "relu" } },
        "masking",
        { gru: { units: 4, return_sequences: true } },
        { lstm: { units: 2 } },
      ],
      sequence,
    );
    const variables = new Map([...weights].map(([name, value]) => [name, tf.variable(value)]));
    const x = normals([3, 7, 2]);
    const { value, grads } = tf.variableGrads(() =>
      tf.sum(forward(network, x, variables, { device, random: null, mask: null })),
    );
    for (const variable of variables.values()) {
      const size = tf.tidy(() => tf.sum(tf.abs(grads[variable.name]!)).dataSync()[0]);
      expect(size).toBeGreaterThan(0);
      expect(Number.isFinite(size)).toBe(true);
    }
    tf.dispose([x, value, grads, [...variables.values()], [...weights.values()]]);
  });

  it("drops other features and states at each step of training, and none otherwise", () => {
    tf.tidy(() => {
      const x = normals([4, 7, 2]);
      const layers = [{ gru: { units: 8, dropout: 0.5, recurrent_dropout: 0.5 } }];
      const at = (seed: number | null) =>
        Array.from(run(layers, x, seed === null ? null : new Random(rootSeed(seed))).output.dataSync());
      expect(at(1)).toEqual(at(1));
      expect(at(1)).not.toEqual(at(2));
      expect(at(null)).toEqual(Array.from(run([{ gru: { units: 8 } }], x).output.dataSync()));
    });
  });
});

describe("recurrent layers in YAML", () => {
  it("have the defaults of Keras", () => {
    const common = {
      units: 3,
      activation: "tanh",
      use_bias: true,
      kernel_initializer: { glorot_uniform: {} },
      recurrent_initializer: { orthogonal: { gain: 1 } },
      bias_initializer: { zeros: {} },
      kernel_regularizer: null,
      recurrent_regularizer: null,
      bias_regularizer: null,
      activity_regularizer: null,
      stateful: false,
      dropout: 0,
      recurrent_dropout: 0,
      return_sequences: false,
      go_backwards: false,
    };
    const gru = { ...common, recurrent_activation: "sigmoid", reset_after: true };
    expect(layerSchema.parse({ gru: { units: 3 } })).toEqual({ gru });
    expect(layerSchema.parse({ simple_rnn: { units: 3 } })).toEqual({ simple_rnn: common });
    expect(layerSchema.parse({ bidirectional: { layer: { gru: { units: 3 } } } })).toEqual({
      bidirectional: { layer: { gru }, merge_mode: "concat" },
    });
  });

  it("name their weights as Keras does, and those of each direction under it", () => {
    const { network } = networkOf(
      [{ bidirectional: { layer: { gru: { units: 3, return_sequences: true } } } }, { simple_rnn: { units: 2 } }],
      sequence,
    );
    const names = network.layers.flatMap((layer) => layer.weights.map((weight) => `${layer.name}/${weight.name}`));
    expect(names).toEqual([
      "bidirectional/forward/kernel",
      "bidirectional/forward/recurrent_kernel",
      "bidirectional/forward/bias",
      "bidirectional/backward/kernel",
      "bidirectional/backward/recurrent_kernel",
      "bidirectional/backward/bias",
      "simple_rnn/kernel",
      "simple_rnn/recurrent_kernel",
      "simple_rnn/bias",
    ]);
    expect(network.layers[0]?.weights.map(({ shape }) => shape)).toEqual([
      [2, 9],
      [3, 9],
      [2, 9],
      [2, 9],
      [3, 9],
      [2, 9],
    ]);
    expect(network.layers[1]?.weights[0]?.shape).toEqual([6, 2]);
  });

  it.each([
    [{ gru: { units: 0 } }, "0.gru.units"],
    [{ simple_rnn: { units: -1 } }, "0.simple_rnn.units"],
    [{ bidirectional: { layer: { lstm: { units: 0 } } } }, "0.bidirectional.layer.lstm.units"],
    [{ bidirectional: { layer: { dense: { units: 2 } } } }, "0.bidirectional.layer.dense"],
    [{ bidirectional: { layer: { lstm: { units: 2 } }, merge_mode: "max" } }, "0.bidirectional.merge_mode"],
    [{ gru: { units: 2, dropout: 1 } }, "0.gru.dropout"],
  ])("refuse %j at its place", (layer, path) => {
    const issues = layersSchema.safeParse([layer]).error?.issues ?? [];
    expect(issues.map((issue) => issue.path.join("."))).toEqual([path]);
  });

  it.each([
    [
      [{ gru: { units: 2 } }, { simple_rnn: { units: 2 } }],
      "layers[1] (simple_rnn) expects [time, features], received [2]",
    ],
    [
      [{ bidirectional: { layer: { lstm: { units: 2 } } } }, { gru: { units: 2 } }],
      "layers[1] (gru) expects [time, features], received [4]",
    ],
    [
      ["flatten", { bidirectional: { layer: { lstm: { units: 2 } } } }],
      "layers[1] (bidirectional) (lstm) expects [time, features], received [14]",
    ],
  ])("name the layer that cannot take its input", (layers, message) => {
    expect(() => networkOf(layers, sequence)).toThrow(message);
  });
});
