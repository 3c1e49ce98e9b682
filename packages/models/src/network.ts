import { DiagnosticError, type Random } from "@seqloom/core";
import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import { type Activation, activate } from "./activations.js";
import type { Device } from "./device.js";
import { type LayerParams, layerOf } from "./layers/index.js";
import type { BuiltLayer, CallContext, Flow, LayerMemory } from "./layers/layer.js";
import { memoryOf } from "./layers/nested.js";
import { isStateful } from "./layers/stateful.js";
import { addActivityCost } from "./regularizers.js";

/** A layer in its place: `name` is Keras' (`lstm`, then `lstm_1`), the prefix of its weights. */
export interface PlacedLayer extends BuiltLayer {
  readonly name: string;
  readonly type: string;
}

/** Layers in a row, with all shapes known. */
export interface Network {
  readonly layers: readonly PlacedLayer[];
  readonly input: Flow;
  readonly output: Flow;
  /** The activation of the last layer. It is left out of {@link forward}: losses and predictions apply it themselves. */
  readonly head: Activation;
  readonly parameters: number;
  /** Whether a layer keeps its state from batch to batch. */
  readonly stateful: boolean;
}

/** What a pass through the network may differ in. */
export interface Pass {
  readonly device: Device;
  /** While training: the stream of this step. Else null. */
  readonly random: Random | null;
  readonly mask: Tensor | null;
  /** While training: takes the next values of weights that are not trained, by their full names; the caller disposes of them. */
  readonly updates?: Map<string, Tensor>;
  /** The states of stateful layers; without it they begin with zeros. */
  readonly memory?: LayerMemory;
  /** Takes what the outputs of layers cost. */
  readonly costs?: Scalar[];
}

/**
 * The network of these layers over this input.
 * @throws DiagnosticError when a layer cannot take what the one before it gives.
 */
export function buildNetwork(layers: readonly LayerParams[], input: Flow): Network {
  const placed: PlacedLayer[] = [];
  const used = new Map<string, number>();
  let flow = input;
  for (const [index, layer] of layers.entries()) {
    const [{ name, type, endsInActivation, build }, params] = layerOf(layer);
    const place = `layers[${index}] (${name})`;
    const isLast = index === layers.length - 1;
    const own = isLast && endsInActivation ? { ...params, activation: "linear" } : params;
    const built = atLayer(index, () => build(own, flow, place));
    const count = used.get(name) ?? 0;
    used.set(name, count + 1);
    placed.push({ ...built, name: count === 0 ? name : `${name}_${count}`, type });
    flow = built.output;
  }
  const parameters = sum(placed.map(parametersOf));
  return { layers: placed, input, output: flow, head: headOf(layers), parameters, stateful: layers.some(isStateful) };
}

/** Errors of a layer say which entry of the parameter `layers` they are about. */
function atLayer<T>(index: number, build: () => T): T {
  try {
    return build();
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    throw new DiagnosticError(error.diagnostics.map((one) => ({ param: ["layers", index], ...one })));
  }
}

/** Whether the layers also take sequences of other lengths: whether none of them needs the length itself. */
export function takesAnyLength(layers: readonly LayerParams[], input: Flow): boolean {
  try {
    buildNetwork(layers, { ...input, shape: [null, ...input.shape.slice(1)] });
    return true;
  } catch (error) {
    if (error instanceof DiagnosticError) return false;
    throw error;
  }
}

/** How many steps of output layers make of so many of input; 0 where these are too few for a window. */
export function stepsAfter(layers: readonly LayerParams[], input: Flow): (length: number) => number {
  const known = new Map<number, number>();
  const steps = (length: number): number => {
    try {
      const [after] = buildNetwork(layers, { ...input, shape: [length, ...input.shape.slice(1)] }).output.shape;
      return after ?? 0;
    } catch (error) {
      if (error instanceof DiagnosticError) return 0;
      throw error;
    }
  };
  return (length) => {
    const found = known.get(length) ?? (length === 0 ? 0 : steps(length));
    known.set(length, found);
    return found;
  };
}

/** The activation that the last layer applies: what decides which losses fit. */
export function headOf(layers: readonly LayerParams[]): Activation {
  const [{ endsInActivation }, params] = layerOf(layers[layers.length - 1]);
  return endsInActivation ? (params.activation as Activation) : "linear";
}

/** Number of the weights of a layer, trained or not. */
export function parametersOf(layer: BuiltLayer): number {
  return sum(layer.weights.map(({ shape }) => shape.reduce((product, size) => product * size, 1)));
}

/** Number of those weights that are state and not trained. */
export function untrainedOf(layer: BuiltLayer): number {
  return parametersOf({ ...layer, weights: layer.weights.filter(({ trainable }) => trainable === false) });
}

/** The full names of the weights, in the order of the layers: `lstm/kernel`. */
export function weightNames(network: Network): string[] {
  return network.layers.flatMap(({ name, weights }) => weights.map((weight) => `${name}/${weight.name}`));
}

/** First values of all weights. Each has its own stream, so that one more layer changes nothing in the others. */
export function initialWeights(network: Network, random: Random): Map<string, Float32Array> {
  const values = new Map<string, Float32Array>();
  for (const { name, weights } of network.layers) {
    for (const { name: weight, shape, initializer } of weights) {
      values.set(`${name}/${weight}`, initializer(shape, random.fork(name).fork(weight)));
    }
  }
  return values;
}

/** The outputs before the last activation, `[batch, …output]`. Run it in a tidy scope. */
export function forward(network: Network, x: Tensor, weights: ReadonlyMap<string, Tensor>, pass: Pass): Tensor {
  const { device, costs, memory } = pass;
  let output = x;
  let mask = pass.mask;
  for (const [index, layer] of network.layers.entries()) {
    const own = Object.fromEntries(layer.weights.map(({ name }) => [name, weights.get(`${layer.name}/${name}`)!]));
    const random = pass.random?.fork(layer.name) ?? null;
    const update = (weight: string, value: Tensor): void => {
      pass.updates?.set(`${layer.name}/${weight}`, device.tf.keep(value));
    };
    const context: CallContext = {
      device,
      training: random !== null,
      random,
      mask,
      update,
      ...(memory && { memory: memoryOf(layer.name, memory) }),
      ...(costs && { costs }),
    };
    const result = layer.call(output, own, context);
    output = result.output;
    mask = result.mask;
    if (layer.activity != null) {
      // What the last layer gives is its activation, which is left out here.
      const isLast = index === network.layers.length - 1;
      addActivityCost(layer, isLast ? activate(device.tf, network.head, output, device.ops) : output, context);
    }
  }
  return output;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
