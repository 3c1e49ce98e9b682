import type { Tensor } from "@tensorflow/tfjs-core";
import { addActivityCost } from "../regularizers.js";
import type { BuiltLayer, CallContext, CallResult, LayerMemory, WeightSpec } from "./layer.js";

/** A layer inside another one: its name is the prefix of its weights there. */
export interface Part extends BuiltLayer {
  readonly name: string;
}

/** A built layer under a name. */
export function part(name: string, layer: BuiltLayer): Part {
  return { ...layer, name };
}

/** The weights of parts, as the layer around them has them: `attention/query_kernel`. */
export function weightsOfParts(parts: readonly Part[]): WeightSpec[] {
  return parts.flatMap(({ name, weights }) => weights.map((weight) => ({ ...weight, name: `${name}/${weight.name}` })));
}

/** Runs a part with its own weights and its own stream of randomness. */
export function callPart(
  layer: Part,
  x: Tensor,
  weights: Readonly<Record<string, Tensor>>,
  context: CallContext,
): CallResult {
  const { name } = layer;
  const own = Object.fromEntries(layer.weights.map((weight) => [weight.name, weights[`${name}/${weight.name}`]!]));
  const { update, memory } = context;
  const result = layer.call(x, own, {
    ...context,
    random: context.random?.fork(name) ?? null,
    ...(update && { update: (weight: string, value: Tensor) => update(`${name}/${weight}`, value) }),
    ...(memory && { memory: memoryOf(name, memory) }),
  });
  addActivityCost(layer, result.output, context);
  return result;
}

/** The memory of one layer inside that of all. */
export function memoryOf(layer: string, { recall, keep }: LayerMemory): LayerMemory {
  return {
    recall: (name) => recall(`${layer}/${name}`),
    keep: (name, state) => keep(`${layer}/${name}`, state),
  };
}

/** Runs parts one after another. */
export function callParts(
  parts: readonly Part[],
  x: Tensor,
  weights: Readonly<Record<string, Tensor>>,
  context: CallContext,
): CallResult {
  let result: CallResult = { output: x, mask: context.mask };
  for (const layer of parts) result = callPart(layer, result.output, weights, { ...context, mask: result.mask });
  return result;
}
