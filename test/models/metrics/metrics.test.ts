import { classificationScores, confusionMatrix, crossEntropy } from "@seqloom/models";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

describe("confusionMatrix", () => {
  it("counts actual by predicted", () => {
    expect(confusionMatrix(Int32Array.of(0, 0, 1), Int32Array.of(0, 1, 1), 2)).toEqual([
      [1, 1],
      [0, 1],
    ]);
  });

  it("leaves out what a mask leaves out, and unknown labels", () => {
    expect(confusionMatrix(Int32Array.of(0, 0, 1, -1), Int32Array.of(0, 1, 1, 1), 2, [1, 0, 1, 1])).toEqual([
      [1, 0],
      [0, 1],
    ]);
  });

  it("with a mask is the matrix of the rows that the mask keeps", () => {
    const rows = fc.array(fc.record({ a: fc.nat(3), p: fc.nat(3), m: fc.nat(1) }), { maxLength: 50 });
    fc.assert(
      fc.property(rows, (all) => {
        const masked = confusionMatrix(
          Int32Array.from(all, ({ a }) => a),
          Int32Array.from(all, ({ p }) => p),
          4,
          all.map(({ m }) => m),
        );
        const kept = all.filter(({ m }) => m === 1);
        const expected = confusionMatrix(
          Int32Array.from(kept, ({ a }) => a),
          Int32Array.from(kept, ({ p }) => p),
          4,
        );
        expect(masked).toEqual(expected);
      }),
    );
  });
});

describe("classificationScores", () => {
  it("gives precision, recall and F1 of each class", () => {
    const { perClass, accuracy } = classificationScores([
      [8, 2],
      [4, 6],
    ]);
    expect(accuracy).toBe(0.7);
    expect(perClass[0]).toEqual({
      precision: 8 / 12,
      recall: 0.8,
      f1: (2 * (8 / 12) * 0.8) / (8 / 12 + 0.8),
      support: 10,
    });
    expect(perClass[1].precision).toBe(0.75);
  });

  it("counts a class that is never predicted as 0, as scikit-learn does", () => {
    const { perClass, macro } = classificationScores([
      [3, 0],
      [1, 0],
    ]);
    expect(perClass[1]).toEqual({ precision: 0, recall: 0, f1: 0, support: 1 });
    expect(macro.recall).toBe(0.5);
  });

  it("leaves classes that do not occur out of the means", () => {
    expect(
      classificationScores([
        [3, 0, 0],
        [0, 2, 0],
        [0, 0, 0],
      ]).macro,
    ).toEqual({ precision: 1, recall: 1, f1: 1 });
  });

  it("has micro scores equal to the accuracy", () => {
    const matrix = fc.array(fc.array(fc.nat(9), { minLength: 3, maxLength: 3 }), { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(matrix, (counts) => {
        const { micro, accuracy } = classificationScores(counts);
        expect(micro).toEqual({ precision: accuracy, recall: accuracy, f1: accuracy });
        expect(accuracy).toBeLessThanOrEqual(1);
      }),
    );
  });

  it("gives zeros for no rows", () => {
    expect(classificationScores([[0]])).toMatchObject({ accuracy: 0, macro: { f1: 0 } });
  });
});

describe("crossEntropy", () => {
  const probabilities = Float32Array.of(0.75, 0.25, 0.5, 0.5, 0, 1);

  it("is the mean of -ln p", () => {
    const expected = -(Math.log(0.75) + Math.log(0.5)) / 2;
    expect(crossEntropy(probabilities, 2, Int32Array.of(0, 1, -1))).toBeCloseTo(expected, 12);
  });

  it("is finite for a sure mistake", () => {
    expect(crossEntropy(probabilities, 2, Int32Array.of(-1, -1, 0))).toBeCloseTo(-Math.log(1e-7), 9);
  });

  it("weighs rows, a mask being weights of 0 and 1", () => {
    const actual = Int32Array.of(0, 1, 0);
    expect(crossEntropy(probabilities, 2, actual, [1, 0, 0])).toBeCloseTo(-Math.log(0.75), 12);
    const weighted = -(3 * Math.log(0.75) + Math.log(0.5)) / 4;
    expect(crossEntropy(probabilities, 2, actual, [3, 1, 0])).toBeCloseTo(weighted, 12);
  });
});
