import type { Objective } from "../losses.js";

/** Mean loss and accuracy over rows as they come: sums in float64, in the order of the rows. */
export class Score {
  readonly #objective: Objective;
  #rows = 0;
  #loss = 0;
  #correct = 0;

  constructor(objective: Objective) {
    this.#objective = objective;
  }

  /** Adds a batch: the loss and the logits of each row, and the class that it should have. */
  add(losses: ArrayLike<number>, logits: ArrayLike<number>, targets: Int32Array): void {
    for (let row = 0; row < targets.length; row++) {
      this.#loss += losses[row];
      if (this.#objective.classOf(logits, row) === targets[row]) this.#correct++;
    }
    this.#rows += targets.length;
  }

  get loss(): number {
    return this.#loss / this.#rows;
  }

  get accuracy(): number {
    return this.#correct / this.#rows;
  }
}
