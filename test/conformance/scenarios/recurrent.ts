import type { Json } from "@seqloom/core";
import type { Scenario } from "../train.js";
import { CLASSIFY, EMBED, EMBED_MASKED, GRADIENTS, ids, MIX, series } from "./build.js";

const SEQUENCES = { return_sequences: true };

/** What every recurrent layer must do, whatever its cell. */
function common(kind: string, more: Readonly<Record<string, Json>> = {}): Scenario[] {
  const layer = (params: Readonly<Record<string, Json>> = {}): Json => ({ [kind]: { units: 5, ...more, ...params } });
  const called = Object.entries(more)
    .map(([name, value]) => ` ${name} ${value}`)
    .join("");
  const name = (what: string) => `${kind}${called}${what}`;
  return [
    series(name(""), [layer(), CLASSIFY], {}, GRADIENTS),
    ids(name(" masked, post"), [EMBED_MASKED, layer(), CLASSIFY], { lengths: "post" }, GRADIENTS),
    ids(name(" masked, pre, an empty row"), [EMBED_MASKED, layer(), CLASSIFY], { lengths: "empty" }),
    series(name(" over lengths"), [layer(), CLASSIFY], { lengths: "post" }),
    series(name(" sequences, mean"), [layer(SEQUENCES), "global_average_pooling_1d", CLASSIFY], {}, GRADIENTS),
    ids(
      name(" go_backwards, masked, sequences"),
      [EMBED_MASKED, layer({ go_backwards: true, ...SEQUENCES }), "global_average_pooling_1d", CLASSIFY],
      { lengths: "post" },
      GRADIENTS,
    ),
    series(
      name(" dropout, recurrent_dropout"),
      [layer({ dropout: 0.3, recurrent_dropout: 0.2 }), CLASSIFY],
      {},
      GRADIENTS,
    ),
    ids(name(" of two layers"), [EMBED_MASKED, layer(SEQUENCES), layer({ units: 4 }), CLASSIFY], { lengths: "pre" }),
    series(name(" of 19 rows, 18 units"), [MIX, layer({ units: 18 }), CLASSIFY], { rows: 19 }),
  ];
}

/** A layer that reads from both ends. */
function bidirectional(kind: string, params: Readonly<Record<string, Json>> = {}, mode = "concat"): Json {
  return { bidirectional: { layer: { [kind]: { units: 4, ...params } }, merge_mode: mode } };
}

const MEAN = "global_average_pooling_1d";

/** LSTM, GRU, SimpleRNN, their options, and both directions at once. */
export const recurrent: readonly Scenario[] = [
  ...common("lstm"),
  series("lstm hard_sigmoid", [{ lstm: { units: 5, recurrent_activation: "hard_sigmoid" } }, CLASSIFY]),
  series("lstm relu", [{ lstm: { units: 5, activation: "relu" } }, CLASSIFY]),
  series("lstm linear", [{ lstm: { units: 5, activation: "linear" } }, CLASSIFY], {}, GRADIENTS),
  series("lstm without bias", [{ lstm: { units: 5, use_bias: false } }, CLASSIFY], {}, GRADIENTS),
  series("lstm of one step", [{ lstm: { units: 5 } }, CLASSIFY], { time: 1 }),
  ids("lstm use_mask", [EMBED, { lstm: { units: 5 } }, CLASSIFY], { lengths: "pre" }, { with: { use_mask: true } }),
  ...common("gru"),
  ...common("gru", { reset_after: false }),
  series("gru hard_sigmoid, relu", [
    { gru: { units: 5, recurrent_activation: "hard_sigmoid", activation: "relu" } },
    CLASSIFY,
  ]),
  series("gru without bias", [{ gru: { units: 5, use_bias: false } }, CLASSIFY], {}, GRADIENTS),
  ...common("simple_rnn"),
  series("simple_rnn relu", [{ simple_rnn: { units: 5, activation: "relu" } }, CLASSIFY]),
  series(
    "simple_rnn sigmoid, no bias",
    [{ simple_rnn: { units: 5, activation: "sigmoid", use_bias: false } }, CLASSIFY],
    {},
    GRADIENTS,
  ),
  ids("bidirectional lstm masked", [EMBED_MASKED, bidirectional("lstm"), CLASSIFY], { lengths: "post" }, GRADIENTS),
  ids(
    "bidirectional gru sequences, masked",
    [EMBED_MASKED, bidirectional("gru", SEQUENCES), MEAN, CLASSIFY],
    { lengths: "pre" },
    GRADIENTS,
  ),
  ids(
    "bidirectional lstm, two layers, dropout",
    [
      EMBED_MASKED,
      bidirectional("lstm", { ...SEQUENCES, dropout: 0.2, recurrent_dropout: 0.2 }),
      bidirectional("lstm", { go_backwards: true }),
      CLASSIFY,
    ],
    { lengths: "empty" },
  ),
  ...["sum", "mul", "ave"].map((mode) =>
    series(
      `bidirectional simple_rnn ${mode}`,
      [bidirectional("simple_rnn", SEQUENCES, mode), MEAN, CLASSIFY],
      {},
      GRADIENTS,
    ),
  ),
];
