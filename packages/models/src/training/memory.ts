import { fail, type TensorData } from "@seqloom/core";
import type { Tensor } from "@tensorflow/tfjs-core";
import type { TensorFlow } from "../device.js";
import type { LayerMemory } from "../layers/layer.js";

/**
 * The states of stateful layers from one batch to the next, on the device. Row i of a batch goes on from row i of the batch
 * before, as in Keras. No gradient passes from batch to batch: states are numbers, not operations.
 */
export class Memory {
  readonly #tf: TensorFlow;
  #now = new Map<string, Tensor>();
  #next = new Map<string, Tensor>();

  constructor(tf: TensorFlow) {
    this.#tf = tf;
  }

  /** What the layers use while they run. */
  get layers(): LayerMemory {
    return {
      recall: (name) => this.#now.get(name),
      keep: (name, state) => {
        this.#next.set(name, this.#tf.keep(state));
      },
    };
  }

  /** Call it after each batch: its states are those that the next one begins with. */
  advance(): void {
    this.#tf.dispose([...this.#now.values()]);
    [this.#now, this.#next] = [this.#next, new Map()];
  }

  /** The states as they are, by name of the layer. */
  async read(): Promise<Map<string, TensorData>> {
    const states = new Map<string, TensorData>();
    for (const [name, state] of this.#now) {
      states.set(name, { dtype: "float32", shape: state.shape, values: Float32Array.from(await state.data()) });
    }
    return states;
  }

  /** Goes on from states. */
  write(states: ReadonlyMap<string, TensorData>): void {
    this.reset();
    for (const [name, { shape, values }] of states) {
      this.#now.set(name, this.#tf.tensor(values as Float32Array, [...shape], "float32"));
    }
  }

  /** Forgets everything: the next batch begins with zeros. */
  reset(): void {
    this.advance();
    this.advance();
  }
}

/** @throws DiagnosticError `stateful-batch` when the last batch would be smaller than those before it. */
export function requireWholeBatches(rows: number, batchSize: number, which: string): void {
  const rest = rows % batchSize;
  if (rows <= batchSize || rest === 0) return;
  const divisors = Array.from({ length: rows }, (_, i) => i + 1).filter((size) => rows % size === 0);
  const near = [divisors.findLast((size) => size < batchSize), divisors.find((size) => size > batchSize)];
  const batches = Math.floor(rows / batchSize);
  throw fail(
    "stateful-batch",
    `stateful layers need batches of one size: ${rows} ${which}rows are ${batches} of ${batchSize} and one of ${rest}`,
    {
      hint:
        "Each row goes on from the row at its place in the batch before. " +
        `Set batch_size to ${near.join(" or ")}, or leave out the last ${rest} rows.`,
    },
  );
}
