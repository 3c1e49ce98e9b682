import type { Tensor } from "@tensorflow/tfjs-core";
import { z } from "zod";
import type { TensorFlow } from "../device.js";
import { choice, chosen } from "../params/choice.js";
import { gru } from "./gru.js";
import { defineLayer, type LayerDefinition } from "./layer.js";
import { lstm } from "./lstm.js";
import { callPart, type Part, part, weightsOfParts } from "./nested.js";
import type { RecurrentOptions } from "./recurrent.js";
import { simpleRnn } from "./simple-rnn.js";

const wrapped = { lstm, gru, simple_rnn: simpleRnn } as const;

const schema = z.strictObject({
  layer: choice("recurrent layer", {
    lstm: lstm.params,
    gru: gru.params,
    simple_rnn: simpleRnn.params,
  }).describe("The recurrent layer; each direction has weights of its own"),
  merge_mode: z
    .enum(["concat", "sum", "mul", "ave"])
    .default("concat")
    .describe("How the outputs of the two directions become one: side by side, added, multiplied or averaged"),
});

/**
 * A recurrent layer that reads the sequence from both ends (Schuster and Paliwal 1997): `[time, features]` → `[2 * units]`, or
 * `[time, 2 * units]` with `return_sequences`; `units` with a merge mode other than concat. Both directions' outputs are in the
 * order of the input. Weights are named `forward/…` and `backward/…`.
 */
export const bidirectional = defineLayer({
  name: "bidirectional",
  type: "Bidirectional",
  params: schema,
  build({ layer, merge_mode }, input, place) {
    const [name, params] = chosen(layer) as readonly [keyof typeof wrapped, RecurrentOptions];
    const definition = wrapped[name] as unknown as LayerDefinition;
    const direction = (label: string, goBackwards: boolean): Part =>
      part(label, definition.build({ ...params, go_backwards: goBackwards }, input, `${place} (${name})`));
    const forward = direction("forward", params.go_backwards);
    const backward = direction("backward", !params.go_backwards);
    const { kind, shape } = forward.output;
    const width = shape[shape.length - 1] as number;
    return {
      output: { kind, shape: [...shape.slice(0, -1), merge_mode === "concat" ? 2 * width : width] },
      weights: weightsOfParts([forward, backward]),
      call(x, weights, context) {
        const { tf } = context.device;
        const run = (which: Part, goBackwards: boolean): Tensor => {
          const { output } = callPart(which, x, weights, context);
          // A pass from the end gives its outputs in the order in which it made them.
          return goBackwards && params.return_sequences ? tf.reverse(output, 1) : output;
        };
        const first = run(forward, params.go_backwards);
        const second = run(backward, !params.go_backwards);
        return { output: merge(tf, merge_mode, first, second), mask: params.return_sequences ? context.mask : null };
      },
    };
  },
});

function merge(tf: TensorFlow, mode: z.output<typeof schema>["merge_mode"], first: Tensor, second: Tensor): Tensor {
  switch (mode) {
    case "concat":
      return tf.concat([first, second], -1);
    case "sum":
      return tf.add(first, second);
    case "mul":
      return tf.mul(first, second);
    case "ave":
      return tf.mul(tf.add(first, second), 0.5);
  }
}
