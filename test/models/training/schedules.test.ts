import { learningRateSchema, optimizerSchema, scheduleOf } from "@seqloom/models";
import { describe, expect, it } from "vitest";

/** The rates of the first steps of a training of 100. */
function rates(params: unknown, steps: readonly number[]): number[] {
  const schedule = scheduleOf(learningRateSchema(0.001).parse(params), 100);
  return steps.map(schedule);
}

const near = (values: readonly number[]) => values.map((value) => expect.closeTo(value, 12));

describe("learning rates", () => {
  it("are a number that stays, 0.001 where nothing is said", () => {
    expect(rates(undefined, [0, 50])).toEqual([0.001, 0.001]);
    expect(rates(0.5, [0, 99])).toEqual([0.5, 0.5]);
    expect(rates("constant", [0, 99])).toEqual([0.001, 0.001]);
  });

  it("fall in steps", () => {
    const step = { step: { initial_learning_rate: 1, decay_steps: 10, decay_rate: 0.5 } };
    expect(rates(step, [0, 9, 10, 19, 20, 35])).toEqual([1, 1, 0.5, 0.5, 0.25, 0.125]);
  });

  it("fall exponentially, as Keras' ExponentialDecay", () => {
    const exponential = { exponential: { initial_learning_rate: 0.1, decay_steps: 10, decay_rate: 0.9 } };
    expect(rates(exponential, [0, 5, 10, 25])).toEqual(near([0.1, 0.1 * 0.9 ** 0.5, 0.09, 0.1 * 0.9 ** 2.5]));
  });

  it("fall along a cosine, as Keras' CosineDecay, over the whole training where nothing is said", () => {
    const cosine = { cosine: { initial_learning_rate: 0.2, decay_steps: 40, alpha: 0.1 } };
    const expected = (step: number) => 0.2 * (0.9 * 0.5 * (1 + Math.cos((Math.PI * Math.min(step, 40)) / 40)) + 0.1);
    expect(rates(cosine, [0, 7, 20, 40, 60])).toEqual(near([0, 7, 20, 40, 60].map(expected)));
    expect(rates({ cosine: { initial_learning_rate: 1 } }, [0, 50, 100])).toEqual(near([1, 0.5, 0]));
  });

  it("rise evenly at first where there is a warm-up, and begin to fall after it", () => {
    const cosine = { cosine: { initial_learning_rate: 1, warmup_steps: 20 } };
    expect(rates(cosine, [0, 9, 19, 20, 60, 100])).toEqual(near([0.05, 0.5, 1, 1, 0.5, 0]));
    expect(rates({ constant: { initial_learning_rate: 1, warmup_steps: 4 } }, [0, 1, 3, 4])).toEqual([0.25, 0.5, 1, 1]);
  });

  it("are those of the library's functions, to 1e-14, though made of exact operations alone", () => {
    const steps = Array.from({ length: 65 }, (_, i) => i);
    const cosine = rates({ cosine: { initial_learning_rate: 1, decay_steps: 64 } }, steps);
    for (const i of steps) expect(Math.abs(cosine[i] - (1 + Math.cos((Math.PI * i) / 64)) / 2)).toBeLessThan(1e-14);
    const fall = rates({ exponential: { initial_learning_rate: 1, decay_steps: 3, decay_rate: 0.2 } }, steps);
    for (const i of steps) expect(Math.abs(fall[i] / 0.2 ** (i / 3) - 1)).toBeLessThan(1e-13);
    expect(rates({ exponential: { decay_steps: 1, decay_rate: 0.1 } }, [5000])).toEqual([0]);
  });

  it("say what is wrong", () => {
    const messages = (rate: unknown): string => {
      const result = optimizerSchema.safeParse({ adam: { learning_rate: rate } });
      return JSON.stringify(result.success ? null : result.error.issues);
    };
    expect(messages(0)).toContain("too_small");
    expect(messages({ cosin: {} })).toContain('there is no schedule \\"cosin\\"');
    expect(messages({ step: { decay_rate: 0.5 } })).toContain("decay_steps");
    expect(messages({ cosine: { alpha: 2 } })).toContain("too_big");
  });
});
