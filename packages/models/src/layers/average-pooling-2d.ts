import { imagePooling, poolImage } from "./conv-pooling.js";
import { defineLayer } from "./layer.js";

/** The mean of each window: `[height, width, channels]` → `[height, width, channels]`. */
export const averagePooling2d = defineLayer({
  name: "average_pooling_2d",
  type: "AveragePooling2D",
  params: imagePooling,
  build: (params, input, place) => poolImage(params, input, place, (ops) => ops.averagePooling2d),
});
