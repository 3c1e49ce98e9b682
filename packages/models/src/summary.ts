import type { MetricsTable } from "@seqloom/core";
import { type Network, parametersOf, untrainedOf } from "./network.js";

/** The table that Keras' `model.summary()` prints: a line per layer, then the total. */
export function summaryTable(network: Network): MetricsTable {
  const rows = network.layers.map((layer) => [
    `${layer.name} (${layer.type})`,
    `(${["None", ...layer.output.shape.map((size) => size ?? "None")].join(", ")})`,
    parametersOf(layer),
  ]);
  const untrained = network.layers.reduce((total, layer) => total + untrainedOf(layer), 0);
  return {
    columns: ["Layer (type)", "Output Shape", "Param #"],
    rows: [
      ...rows,
      ["Total params", null, network.parameters],
      ["Trainable params", null, network.parameters - untrained],
      ["Non-trainable params", null, untrained],
    ],
  };
}
