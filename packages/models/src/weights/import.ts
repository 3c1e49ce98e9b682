import { fail } from "@seqloom/core";
import { z } from "zod";
import { type LayerParams, layerOf } from "../layers/index.js";
import type { Network, PlacedLayer } from "../network.js";
import type { Weight, WeightFile } from "./file.js";
import { fromPyTorch } from "./pytorch.js";

/** Whose layout the weights of a file have. */
export const orderSchema = z.enum(["pytorch", "keras"]);

/** What the layers are called in a file: layer → prefix of its tensors; of stacked recurrent layers also which one. */
export const namesSchema = z.record(
  z.string(),
  z.union([
    z.string(),
    z.strictObject({
      prefix: z.string().describe("Name of the module: rnn, encoder.rnn"),
      level: z.int().min(0).default(0).describe("Which of a recurrent module's stacked layers, from 0"),
    }),
  ]),
);

/** How to read a file. */
export interface ReadOptions {
  readonly order: z.output<typeof orderSchema>;
  readonly names: z.output<typeof namesSchema>;
}

/**
 * The weights of a network from a file, by name.
 * @throws DiagnosticError `weights-missing`, `weights-shape`, `weights-layer`, `weights-names`.
 */
export function weightsFromFile(
  network: Network,
  layers: readonly LayerParams[],
  file: WeightFile,
  options: ReadOptions,
): Map<string, Float32Array> {
  checkNames(network, options);
  const values = new Map<string, Float32Array>();
  for (const [index, layer] of network.layers.entries()) {
    if (layer.weights.length === 0) continue;
    const [, params] = layerOf(layers[index]);
    const found =
      options.order === "keras" ? fromKeras(layer, file, options) : fromModule(layer, params, file, options);
    for (const { name, shape } of layer.weights) {
      const weight = found[name] as Weight | undefined;
      if (weight === undefined || !fits(layer, weight.shape, shape)) throw misfit(layer, name, shape, weight);
      values.set(`${layer.name}/${name}`, weight.values);
    }
  }
  return values;
}

/** Keras gives the heads of attention an axis of their own, `[features, heads, width]`; the numbers lie the same. */
function fits({ type }: PlacedLayer, found: readonly number[], wanted: readonly number[]): boolean {
  if (found.join() === wanted.join()) return true;
  const count = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);
  return type === "MultiHeadAttention" && found.length > wanted.length && count(found) === count(wanted);
}

function fromModule(
  layer: PlacedLayer,
  params: Readonly<Record<string, unknown>>,
  file: WeightFile,
  { names }: ReadOptions,
): Readonly<Record<string, Weight>> {
  const named = names[layer.name] ?? layer.name;
  const { prefix, level } = typeof named === "string" ? { prefix: named, level: 0 } : named;
  const tensor = (name: string): Weight => file.take(prefix === "" ? name : `${prefix}.${name}`, layer.name);
  const { name, type, weights } = layer;
  return fromPyTorch({ layer: name, type, weights, params, level, direction: "", tensor });
}

/** Keras' layout is this package's own; only the names may differ, and the sign between them. */
function fromKeras(layer: PlacedLayer, file: WeightFile, { names }: ReadOptions): Readonly<Record<string, Weight>> {
  const named = names[layer.name] ?? layer.name;
  const prefix = typeof named === "string" ? named : named.prefix;
  const entries = layer.weights.map(({ name }): [string, Weight] => {
    const exact = names[`${layer.name}/${name}`];
    if (typeof exact === "string") return [name, file.take(exact, layer.name)];
    const dotted = `${prefix}.${name.replaceAll("/", ".")}`;
    return [name, file.take(file.has(dotted) ? dotted : `${prefix}/${name}`, layer.name)];
  });
  return Object.fromEntries(entries);
}

function checkNames(network: Network, { names }: ReadOptions): void {
  const known = network.layers.flatMap(({ name, weights }) => [name, ...weights.map((own) => `${name}/${own.name}`)]);
  for (const name of Object.keys(names)) {
    if (known.includes(name)) continue;
    throw fail("weights-names", `names has "${name}", which is no layer of this model`, {
      hint: `The layers are: ${network.layers.map((layer) => layer.name).join(", ")}.`,
    });
  }
}

function misfit(layer: PlacedLayer, name: string, shape: readonly number[], found: Weight | undefined): Error {
  const has = found === undefined ? "nothing for it" : `shape [${found.shape.join(", ")}]`;
  return fail("weights-shape", `${layer.name}/${name} has shape [${shape.join(", ")}], the file has ${has}`, {
    hint: "Make the layers the same as those that the weights were trained with: units, biases, gates, reset_after.",
  });
}
