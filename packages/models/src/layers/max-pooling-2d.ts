import { imagePooling, poolImage } from "./conv-pooling.js";
import { defineLayer } from "./layer.js";

/** The maximum of each window: `[height, width, channels]` → `[height, width, channels]`. */
export const maxPooling2d = defineLayer({
  name: "max_pooling_2d",
  type: "MaxPooling2D",
  params: imagePooling,
  build: (params, input, place) => poolImage(params, input, place, (ops) => ops.maxPooling2d),
});
