import { fail } from "@seqloom/core";
import { z } from "zod";
import { type LayerParams, layerOf, layersSchema } from "./index.js";
import { defineLayer, requireFloat, shapeText } from "./layer.js";
import { callParts, type Part, part, weightsOfParts } from "./nested.js";

/** Layers that were checked. Their type is not spelled out, because they may hold a residual again. */
type Nested = readonly Readonly<Record<string, unknown>>[];

/**
 * Layers, checked by the schema of all layers. That one cannot be named here as it is, because it holds this one: the JSON Schema
 * would refer to itself by a place that it has not in a larger one.
 */
const nested: z.ZodType<Nested> = z
  .array(z.unknown())
  .min(1)
  .transform((value, context): Nested => {
    const result = layersSchema.safeParse(value) as z.ZodSafeParseResult<Nested>;
    if (result.success) return result.data;
    for (const issue of result.error.issues) context.issues.push({ ...issue, input: value } as never);
    return z.NEVER;
  });

/** The input plus what layers make of it (He and others 2016): they must keep its shape. */
export const residual = defineLayer({
  name: "residual",
  type: "Residual",
  params: z.strictObject({
    layers: nested.describe("The layers to add the input to"),
  }),
  build({ layers }, input, place) {
    requireFloat(place, input);
    const parts: Part[] = [];
    const used = new Map<string, number>();
    let flow = input;
    for (const [index, layer] of layers.entries()) {
      const [{ name, build }, params] = layerOf(layer as LayerParams);
      const count = used.get(name) ?? 0;
      used.set(name, count + 1);
      const built = build(params, flow, `${place}.layers[${index}] (${name})`);
      parts.push(part(count === 0 ? name : `${name}_${count}`, built));
      flow = built.output;
    }
    if (flow.kind !== input.kind || flow.shape.join() !== input.shape.join()) {
      const shapes = `its layers make ${shapeText(flow.shape)} of ${shapeText(input.shape)}`;
      throw fail("layer-shape", `${place} adds its input to what its layers give, but ${shapes}`, {
        hint: "Let the last of its layers give the features of the input, for example with dense.",
      });
    }
    return {
      output: input,
      weights: weightsOfParts(parts),
      call(x, weights, context) {
        const inner = callParts(parts, x, weights, context);
        return { output: context.device.tf.add(x, inner.output), mask: inner.mask };
      },
    };
  },
});
