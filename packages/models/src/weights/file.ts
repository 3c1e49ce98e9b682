import { readFile } from "node:fs/promises";
import { decodeSafetensors, didYouMean, fail, type TensorData } from "@seqloom/core";

/** Names of a file that an error lists. */
const LISTED = 12;

/** A tensor with 32-bit values. */
export interface Weight {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** The tensors of a safetensors file by name; it remembers which were taken. */
export class WeightFile {
  readonly #name: string;
  readonly #tensors: ReadonlyMap<string, TensorData>;
  readonly #taken = new Set<string>();

  /** @param name how the pipeline names the file, for messages. */
  constructor(name: string, tensors: ReadonlyMap<string, TensorData>) {
    this.#name = name;
    this.#tensors = tensors;
  }

  /**
   * Reads a file.
   * @throws DiagnosticError `weights-file` when it is not one.
   */
  static async read(path: string, name: string): Promise<WeightFile> {
    try {
      return new WeightFile(name, decodeSafetensors(await readFile(path)));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw fail("weights-file", `${name} cannot be read: ${error.message}`, {
        hint: "Write it with safetensors' save_file, as 32-bit floats: `{name: tensor.float() for …}`.",
      });
    }
  }

  has(name: string): boolean {
    return this.#tensors.has(name);
  }

  /**
   * The tensor of a name.
   * @param layer what needs it, for messages
   * @throws DiagnosticError `weights-missing`.
   */
  take(name: string, layer: string): Weight {
    const tensor = this.#tensors.get(name);
    if (tensor === undefined) {
      const names = [...this.#tensors.keys()];
      const more = names.length > LISTED ? `, … (${names.length} in all)` : "";
      throw fail("weights-missing", `layer ${layer} needs the tensor "${name}", which ${this.#name} does not have`, {
        hint: `${didYouMean(name, names, "tensor")} Say with \`names: {${layer}: …}\` what it is called there. The file has: ${names.slice(0, LISTED).join(", ")}${more}.`,
      });
    }
    this.#taken.add(name);
    const { shape, values } = tensor;
    return { shape, values: values instanceof Float32Array ? values : Float32Array.from(values) };
  }

  /** The names that nobody took. */
  left(): string[] {
    return [...this.#tensors.keys()].filter((name) => !this.#taken.has(name));
  }
}
