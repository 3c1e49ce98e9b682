import type { Classifier } from "../losses.js";
import type { AnswerTo } from "./answer.js";

/** The columns `prediction`, the most likely class, and `probabilities`, of all classes. */
export function answerWithClasses(objective: Classifier, classes: readonly string[]): AnswerTo {
  return ({ rows }) => {
    const width = classes.length;
    const indices = new Int32Array(rows);
    const values = new Float32Array(rows * width);
    return {
      read: (device, outputs) => [outputs, objective.probabilities(device, outputs)],
      take(places, [logits, probabilities]) {
        for (const [i, row] of places.entries()) {
          indices[row] = objective.classOf(logits, i);
          for (let place = 0; place < width; place++) values[row * width + place] = probabilities[i * width + place];
        }
      },
      columns: () => ({
        prediction: { type: "label", dictionary: classes, indices },
        probabilities: { type: "vector", values, width },
      }),
    };
  };
}
