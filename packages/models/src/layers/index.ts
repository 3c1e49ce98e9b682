import { z } from "zod";
import { choice, chosen } from "../params/choice.js";
import { activation } from "./activation.js";
import { dense } from "./dense.js";
import { dropout } from "./dropout.js";
import { embedding } from "./embedding.js";
import { flatten } from "./flatten.js";
import { globalAveragePooling1d } from "./global-average-pooling-1d.js";
import type { LayerDefinition } from "./layer.js";
import { lstm } from "./lstm.js";
import { masking } from "./masking.js";
import { reshape } from "./reshape.js";

/** Every kind of layer, by its name in YAML. */
export const layers = {
  embedding,
  lstm,
  dense,
  dropout,
  flatten,
  reshape,
  masking,
  global_average_pooling_1d: globalAveragePooling1d,
  activation,
} as const;

const schema = choice("layer", {
  embedding: embedding.params,
  lstm: lstm.params,
  dense: dense.params,
  dropout: dropout.params,
  flatten: flatten.params,
  reshape: reshape.params,
  masking: masking.params,
  global_average_pooling_1d: globalAveragePooling1d.params,
  activation: activation.params,
});

/** One layer in YAML: `{lstm: {units: 32}}`, or a bare name such as `flatten`. */
export const layerSchema = schema;

/** A parsed {@link layerSchema}. */
export type LayerParams = z.output<typeof schema>;

/** The layers of a model in YAML, first to last. */
export const layersSchema = z.array(layerSchema).min(1);

/** The definition and the parameters that a parsed layer stands for. */
export function layerOf(layer: LayerParams): readonly [LayerDefinition, Readonly<Record<string, unknown>>] {
  const [name, params] = chosen(layer);
  const definition = layers[name as keyof typeof layers] as unknown as LayerDefinition;
  return [definition, params as Readonly<Record<string, unknown>>];
}
