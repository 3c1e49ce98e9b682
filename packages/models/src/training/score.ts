import type { Objective } from "../losses.js";
import type { Targets } from "./targets.js";

/** The sums of a {@link Score}, as plain data. */
export interface ScoreSums {
  readonly rows: number;
  readonly weight: number;
  readonly loss: number;
  readonly metric: number;
}

/**
 * Means over rows as they come: sums in float64, in the order of the rows. The loss is per row, as in Keras, with weights inside
 * the losses; the metric is per unit of weight.
 */
export class Score {
  readonly #objective: Objective;
  #rows: number;
  #weight: number;
  #loss: number;
  #metric: number;

  /** @param sums to go on from */
  constructor(objective: Objective, sums: ScoreSums = { rows: 0, weight: 0, loss: 0, metric: 0 }) {
    this.#objective = objective;
    ({ rows: this.#rows, weight: this.#weight, loss: this.#loss, metric: this.#metric } = sums);
  }

  /**
   * Adds a batch.
   * @param losses of each row, or item, times its weight
   * @param outputs of the network for each row
   * @param weights of each row in the metric; null: 1 each
   * @param penalty what the weights of the network cost, added to the loss of each row
   */
  add(
    losses: ArrayLike<number>,
    outputs: ArrayLike<number>,
    targets: Targets,
    weights: Float32Array | null,
    penalty = 0,
  ): void {
    const rows = losses.length;
    const given = this.#objective.items?.(targets, weights) ?? weights;
    for (let row = 0; row < rows; row++) {
      const weight = given === null ? 1 : given[row];
      this.#loss += losses[row] + penalty;
      this.#weight += weight;
      if (weight !== 0) this.#metric += weight * this.#objective.measure(outputs, targets, row);
    }
    this.#rows += rows;
  }

  get sums(): ScoreSums {
    return { rows: this.#rows, weight: this.#weight, loss: this.#loss, metric: this.#metric };
  }

  get loss(): number {
    return this.#loss / this.#rows;
  }

  /** The mean of the objective's metric. */
  get metric(): number {
    return this.#weight === 0 ? 0 : this.#metric / this.#weight;
  }
}
