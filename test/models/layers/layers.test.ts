import { DiagnosticError, Random, rootSeed } from "@seqloom/core";
import {
  buildNetwork,
  type Device,
  type Flow,
  forward,
  initialWeights,
  layersSchema,
  openDevice,
} from "@seqloom/models";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { afterEach, beforeAll, describe, expect, it } from "vitest";

/** Our layers and their weights as tensors, all but the biases at their first values, the biases random too. */
function networkOf(layers: unknown, input: Flow) {
  const network = buildNetwork(layersSchema.parse(layers), input);
  const random = new Random(rootSeed(5));
  const values = initialWeights(network, random);
  for (const [name, value] of values)
    if (name.endsWith("/bias")) for (let i = 0; i < value.length; i++) value[i] = random.normal() / 4;
  const weights = new Map<string, tf.Tensor>();
  for (const layer of network.layers) {
    for (const { name, shape } of layer.weights) {
      const full = `${layer.name}/${name}`;
      weights.set(full, tf.tensor(values.get(full)!, [...shape]));
    }
  }
  return { network, weights };
}

function normals(shape: number[], seed = 9): tf.Tensor {
  const random = new Random(rootSeed(seed));
  return tf.tensor(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.normal()),
    shape,
  );
}

function expectClose(actual: tf.Tensor, expected: tf.Tensor): void {
  expect(actual.shape).toEqual(expected.shape);
  const difference = tf.max(tf.abs(tf.sub(actual, expected))).dataSync()[0];
  expect(difference).toBeLessThan(1e-5);
}

describe.each(["cpu", "simd"])("layers on %s", (name) => {
  let device: Device;
  beforeAll(async () => {
    device = await openDevice(name);
  });
  afterEach(() => {
    tf.disposeVariables();
  });

  function run(
    layers: unknown,
    input: Flow,
    x: tf.Tensor,
    mask: tf.Tensor | null = null,
    random: Random | null = null,
  ) {
    const { network, weights } = networkOf(layers, input);
    return { output: forward(network, x, weights, { device, random, mask }), weights };
  }

  /** A stock layer with Keras' weights of ours: `lstm/kernel`, `lstm/recurrent_kernel`, … in that order. */
  function stock(layer: tfl.layers.Layer, x: tf.Tensor, weights: ReadonlyMap<string, tf.Tensor>): tf.Tensor {
    layer.apply(x);
    layer.setWeights([...weights.values()]);
    return layer.apply(x) as tf.Tensor;
  }

  it.each(["linear", "relu", "tanh", "sigmoid", "elu", "selu", "softplus"] as const)(
    "dense with %s is the stock layer",
    (activation) => {
      const x = normals([5, 3]);
      const { output, weights } = run(
        [{ dense: { units: 4, activation } }, "flatten"],
        { kind: "float", shape: [3] },
        x,
      );
      expectClose(output, stock(tfl.layers.dense({ units: 4, activation }), x, weights));
    },
  );

  it("dense works on the last axis of a sequence", () => {
    const x = normals([2, 6, 3]);
    const { output, weights } = run([{ dense: { units: 4, activation: "tanh" } }], { kind: "float", shape: [6, 3] }, x);
    expectClose(tf.tanh(output), stock(tfl.layers.dense({ units: 4, activation: "tanh" }), x, weights));
  });

  it("embedding is the stock layer", () => {
    const ids = tf.tensor2d([1, 2, 0, 4, 4, 3], [2, 3], "int32");
    const { output, weights } = run([{ embedding: { units: 5 } }], { kind: "ids", shape: [3], size: 5, pad: 0 }, ids);
    expectClose(output, stock(tfl.layers.embedding({ inputDim: 5, outputDim: 5 }), ids, weights));
  });

  it.each([
    {},
    { return_sequences: true },
    { go_backwards: true },
    { return_sequences: true, go_backwards: true },
    { recurrent_activation: "hard_sigmoid" },
    { use_bias: false },
  ])("lstm with %j is the stock layer", (params) => {
    const x = normals([3, 7, 2]);
    const { output, weights } = run([{ lstm: { units: 4, ...params } }], { kind: "float", shape: [7, 2] }, x);
    const same = tfl.layers.lstm({
      units: 4,
      recurrentInitializer: "zeros",
      recurrentActivation: params.recurrent_activation === "hard_sigmoid" ? "hardSigmoid" : "sigmoid",
      returnSequences: params.return_sequences === true,
      goBackwards: params.go_backwards === true,
      useBias: params.use_bias !== false,
    });
    expectClose(output, stock(same, x, weights));
  });

  it("lstm with a mask is the stock model with a masking layer", () => {
    const x = tf.tidy(() =>
      tf.mul(
        normals([3, 7, 2]),
        tf.tensor3d([1, 1, 1, 1, 1, 0, 0, 0, 1, 0, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0], [3, 7, 1]),
      ),
    );
    const { output, weights } = run(["masking", { lstm: { units: 4 } }], { kind: "float", shape: [7, 2] }, x);
    const model = tfl.sequential();
    model.add(tfl.layers.masking({ maskValue: 0, inputShape: [7, 2] }));
    model.add(tfl.layers.lstm({ units: 4, recurrentActivation: "sigmoid", recurrentInitializer: "zeros" }));
    model.setWeights([...weights.values()]);
    expectClose(output, model.predict(x) as tf.Tensor);
  });

  it("embedding with mask_zero masks the padding for lstm, as the stock model does", () => {
    const ids = tf.tensor2d([1, 2, 0, 0, 4, 3, 2, 0], [2, 4], "int32");
    const input: Flow = { kind: "ids", shape: [4], size: 5, pad: 0 };
    const layers = (mask: boolean) => [{ embedding: { units: 3, mask_zero: mask } }, { lstm: { units: 4 } }];
    const { output, weights } = run(layers(true), input, ids);
    const model = tfl.sequential();
    model.add(tfl.layers.embedding({ inputDim: 5, outputDim: 3, maskZero: true, inputLength: 4 }));
    model.add(tfl.layers.lstm({ units: 4, recurrentActivation: "sigmoid", recurrentInitializer: "zeros" }));
    model.setWeights([...weights.values()]);
    expectClose(output, model.predict(ids) as tf.Tensor);
    expect(tf.max(tf.abs(tf.sub(output, run(layers(false), input, ids).output))).dataSync()[0]).toBeGreaterThan(1e-3);
  });

  it("stacked lstms hand the mask on, also when the first reads backwards", () => {
    const layers = [{ lstm: { units: 3, return_sequences: true, go_backwards: true } }, { lstm: { units: 2 } }];
    const x = normals([1, 5, 2]);
    const mask = tf.tensor2d([1, 1, 1, 0, 0], [1, 5], "bool");
    const { output } = run(layers, { kind: "float", shape: [5, 2] }, x, mask);
    const short = tf.slice(x, [0, 0, 0], [1, 3, 2]);
    expectClose(output, run(layers, { kind: "float", shape: [3, 2] }, short).output);
  });

  it("global_average_pooling_1d is the mean of the steps that are not masked", () => {
    const x = tf.tensor3d([1, 2, 3, 4, 5, 6, 7, 8], [1, 4, 2]);
    const input: Flow = { kind: "float", shape: [4, 2] };
    expect([...run(["global_average_pooling_1d"], input, x).output.dataSync()]).toEqual([4, 5]);
    const mask = tf.tensor2d([1, 1, 0, 0], [1, 4], "bool");
    expect([...run(["global_average_pooling_1d"], input, x, mask).output.dataSync()]).toEqual([2, 3]);
  });

  it("masking masks the steps of one value only", () => {
    const x = tf.tensor3d([9, 9, 9, 1, 2, 3], [1, 3, 2]);
    const pooled = run(
      [{ masking: { mask_value: 9 } }, "global_average_pooling_1d"],
      { kind: "float", shape: [3, 2] },
      x,
    );
    expect([...pooled.output.dataSync()]).toEqual([5.5, 2]);
  });

  it("flatten and reshape keep the numbers in their order", () => {
    const x = tf.tensor3d([1, 2, 3, 4, 5, 6], [1, 3, 2]);
    const { output } = run(["flatten", { reshape: { target_shape: [2, -1] } }], { kind: "float", shape: [3, 2] }, x);
    expect(output.shape).toEqual([1, 2, 3]);
    expect([...output.dataSync()]).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it("dropout does nothing without training", () => {
    const x = normals([4, 3]);
    expectClose(run([{ dropout: { rate: 0.5 } }], { kind: "float", shape: [3] }, x).output, x);
  });

  it("dropout drops its share while training, scales the rest, and differs from step to step", () => {
    const x = tf.ones([100, 100]);
    const step = (seed: number) =>
      run(
        [{ dropout: { rate: 0.25 } }],
        { kind: "float", shape: [100] },
        x,
        null,
        new Random(rootSeed(seed)),
      ).output.dataSync();
    const first = step(1);
    expect(new Set(first)).toEqual(new Set([0, Math.fround(1 / 0.75)]));
    expect(first.filter((value) => value === 0).length / 10000).toBeCloseTo(0.25, 1);
    expect(step(1)).toEqual(first);
    expect(step(2)).not.toEqual(first);
  });

  it("dropout of an lstm is the same in every step of a row", () => {
    const random = new Random(rootSeed(3));
    const x = tf.ones([6, 4, 8]);
    const input: Flow = { kind: "float", shape: [4, 8] };
    const dropped = run([{ lstm: { units: 3, dropout: 0.5 } }], input, x, null, random).output;
    const plain = run([{ lstm: { units: 3 } }], input, x).output;
    expect(dropped.shape).toEqual([6, 3]);
    const rows = dropped.arraySync() as number[][];
    expect(new Set(rows.map((row) => row.join())).size).toBeGreaterThan(1);
    expect(tf.max(tf.abs(tf.sub(dropped, plain))).dataSync()[0]).toBeGreaterThan(1e-3);
    const recurrent = run([{ lstm: { units: 3, recurrent_dropout: 0.5 } }], input, x, null, random).output;
    expect(tf.max(tf.abs(tf.sub(recurrent, plain))).dataSync()[0]).toBeGreaterThan(1e-3);
  });

  it("the activation layer applies what it is told", () => {
    const x = tf.tensor2d([-3, -1, 0, 1, 3], [1, 5]);
    const of = (activation: string) => [
      ...run([{ activation: { activation } }, "flatten"], { kind: "float", shape: [5] }, x).output.dataSync(),
    ];
    expect(of("relu")).toEqual([0, 0, 0, 1, 3]);
    expect(of("hard_sigmoid").map((value) => Number(value.toFixed(5)))).toEqual([0, 0.3, 0.5, 0.7, 1]);
    expect(of("swish")[4]).toBeCloseTo(3 / (1 + Math.exp(-3)), 5);
    expect(of("gelu")[3]).toBeCloseTo(0.8413447, 5);
    expect(of("exponential")[1]).toBeCloseTo(Math.exp(-1), 5);
    expect(of("linear")).toEqual([-3, -1, 0, 1, 3]);
  });
});

describe.each(["cpu", "simd"])("masking after a layer with weights on %s", (name) => {
  const ids: Flow = { kind: "ids", shape: [5], size: 4, pad: -1 };
  const sequence: Flow = { kind: "float", shape: [5, 2] };
  const cases = [
    { first: { embedding: { output_dim: 3, embeddings_initializer: "glorot_uniform" } }, input: ids },
    { first: { dense: { units: 3, activation: "relu", use_bias: false } }, input: sequence },
  ];
  const seconds = [{ lstm: { units: 4 } }, "global_average_pooling_1d"];
  let device: Device;
  beforeAll(async () => {
    device = await openDevice(name);
  });

  /** Steps of id 0, and steps of zeros, are to be masked. */
  function rowsOf({ kind }: Flow): tf.Tensor {
    if (kind === "ids") return tf.tensor2d([1, 2, 0, 3, 0, 0, 0, 1, 1, 2], [2, 5], "int32");
    return tf.tidy(() => tf.mul(normals([2, 5, 2]), tf.tensor([1, 0, 1, 1, 0, 0, 1, 1, 0, 1], [2, 5, 1])));
  }

  it.each(cases.flatMap((one) => seconds.map((second) => ({ ...one, second }))))(
    "learns as with the mask as a constant: $first, $second",
    ({ first, input, second }) => {
      const before = tf.memory();
      const { network, weights } = networkOf([first, { masking: {} }, second], input);
      const values = new Map([...weights].map(([key, weight]) => [key, tf.variable(weight)]));
      tf.dispose([...weights.values()]);
      const table = values.get("embedding/embeddings");
      // The vector of id 0 is what is masked.
      if (table !== undefined) tf.tidy(() => table.assign(tf.mul(table, tf.tensor([0, 1, 1, 1], [4, 1]))));
      const head = buildNetwork(layersSchema.parse([first]), input);
      const tail = buildNetwork(layersSchema.parse([second]), head.output);
      const x = rowsOf(input);
      const pass = { device, random: null };
      const firstOutput = () => {
        const output = forward(head, x, values, { ...pass, mask: null });
        return head.head === "relu" ? tf.relu(output) : output;
      };
      const loss = (output: tf.Tensor) => tf.sum(tf.square(tf.add(output, 0.5))) as tf.Scalar;
      const real = tf.tidy(() => tf.any(tf.notEqual(firstOutput(), 0), -1));
      const counts = real.dataSync();
      expect([...counts]).toContain(0);
      expect([...counts]).toContain(1);

      const ours = tf.variableGrads(() => loss(forward(network, x, values, { ...pass, mask: null })));
      const constant = tf.variableGrads(() => {
        const masked = tf.mul(firstOutput(), tf.cast(tf.expandDims(real, -1), "float32"));
        return loss(forward(tail, masked, values, { ...pass, mask: real }));
      });
      expect(ours.value.dataSync()).toEqual(constant.value.dataSync());
      const names = Object.keys(constant.grads);
      expect(Object.keys(ours.grads)).toEqual(names);
      expect(names.length).toBe(values.size);
      for (const key of names) {
        expect(ours.grads[key].dataSync()).toEqual(constant.grads[key].dataSync());
        expect(Math.max(...ours.grads[key].dataSync().map(Math.abs))).toBeGreaterThan(0);
      }
      tf.dispose([x, real, ours, constant, ...values.values()]);
      expect(tf.memory().numTensors).toBe(before.numTensors);
      expect(tf.memory().numDataBuffers).toBe(before.numDataBuffers);
    },
  );
});

describe("shapes that do not fit", () => {
  const vector: Flow = { kind: "float", shape: [55] };
  const ids: Flow = { kind: "ids", shape: [55], size: 10, pad: 0 };
  const ragged: Flow = { kind: "float", shape: [null, 12] };

  function problemOf(layers: unknown, input: Flow): string {
    try {
      buildNetwork(layersSchema.parse(layers), input);
    } catch (error) {
      if (error instanceof DiagnosticError) return `${error.diagnostics[0].message}. ${error.diagnostics[0].hint}`;
      throw error;
    }
    throw new Error("it was built");
  }

  it.each([
    [
      [{ lstm: { units: 2 } }],
      vector,
      "layers[0] (lstm) expects [time, features], received [55]. To read the 55 numbers one by one, put `reshape: {target_shape: [55, 1]}` before it; after another recurrent layer, give that one `return_sequences: true`.",
    ],
    [[{ lstm: { units: 2 } }], ids, "layers[0] (lstm) expects numbers, received ids [55]."],
    [["flatten"], ids, "Ids are names, not amounts: put an embedding layer before it."],
    [["flatten"], ragged, "layers[0] (flatten) expects a shape of fixed lengths, received [any, 12]."],
    [[{ embedding: { units: 2 } }], vector, "layers[0] (embedding) expects ids [time], received [55]."],
    [[{ embedding: {} }], ids, "layers[0] (embedding) needs either output_dim or units, which mean the same."],
    [[{ embedding: { units: 1, output_dim: 1 } }], ids, "needs either output_dim or units"],
    [
      [{ reshape: { target_shape: [3, -1] } }],
      vector,
      "layers[0] (reshape) cannot make [3, -1] of [55]: it holds 55 numbers.",
    ],
    [[{ reshape: { target_shape: [-1, -1] } }], vector, "The sizes must multiply to 55; one of them may be -1."],
    [
      ["flatten", { masking: { mask_value: 0 } }],
      vector,
      "layers[1] (masking) expects [time, features], received [55].",
    ],
    [["global_average_pooling_1d"], vector, "layers[0] (global_average_pooling_1d) expects [time, features]"],
  ] as const)("%j over %j says so", (layers, input, text) => {
    expect(problemOf(layers, input)).toContain(text);
  });
});
