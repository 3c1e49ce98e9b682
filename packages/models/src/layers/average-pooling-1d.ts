import { poolSequence, sequencePooling } from "./conv-pooling.js";
import { defineLayer } from "./layer.js";

/** The mean of each window over time: `[time, features]` → `[time, features]`. */
export const averagePooling1d = defineLayer({
  name: "average_pooling_1d",
  type: "AveragePooling1D",
  params: sequencePooling,
  build: (params, input, place) => poolSequence(params, input, place, (ops) => ops.averagePooling1d),
});
