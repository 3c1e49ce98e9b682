import { poolSequence, sequencePooling } from "./conv-pooling.js";
import { defineLayer } from "./layer.js";

/** The maximum of each window over time: `[time, features]` → `[time, features]`. */
export const maxPooling1d = defineLayer({
  name: "max_pooling_1d",
  type: "MaxPooling1D",
  params: sequencePooling,
  build: (params, input, place) => poolSequence(params, input, place, (ops) => ops.maxPooling1d),
});
