import type { Regressor } from "../regression.js";
import type { AnswerTo } from "./answer.js";

/** The column `predicted`: so many numbers for each row. */
export function answerWithNumbers(regressor: Regressor, width: number): AnswerTo {
  return ({ rows }) => {
    const values = new Float32Array(rows * width);
    return {
      read: (device, outputs) => [regressor.numbers(device, outputs)],
      take(places, [numbers]) {
        for (const [i, row] of places.entries()) {
          for (let place = 0; place < width; place++) values[row * width + place] = numbers[i * width + place];
        }
      },
      columns: () => ({ predicted: { type: "vector", values, width } }),
    };
  };
}
