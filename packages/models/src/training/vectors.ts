import { fail, type Matrix, vocabularyFingerprint } from "@seqloom/core";
import type { InputSpec } from "../input.js";
import type { Network } from "../network.js";

/**
 * First values of the layers that begin with given vectors, by the full names of their weights.
 * @throws DiagnosticError `no-vectors`, `vectors-unused`, `vectors-vocabulary` or `vectors-shape`.
 */
export function givenVectors(
  network: Network,
  { vocabulary }: InputSpec,
  vectors: Matrix | undefined,
): ReadonlyMap<string, Float32Array> {
  const wanting = network.layers.flatMap(({ name, weights }) =>
    weights.flatMap((weight) => (weight.given === true ? [{ ...weight, name: `${name}/${weight.name}` }] : [])),
  );
  if (vectors === undefined) {
    if (wanting.length === 0) return new Map();
    throw fail("no-vectors", `${wanting[0].name} is to begin with vectors, and none come in`, {
      hint: "Connect a matrix of text/embedding-matrix: `in: { data: …, vectors: … }`.",
    });
  }
  if (wanting.length === 0) {
    throw fail("vectors-unused", "vectors come in, and no layer begins with them", {
      hint: "Write `embedding: { vectors: true }`, or leave the port unconnected.",
    });
  }
  const { rows, columns, values, rowNames } = vectors;
  if (rowNames !== undefined && vocabulary !== undefined && vocabularyFingerprint(rowNames) !== vocabulary) {
    throw fail(
      "vectors-vocabulary",
      "the vectors are of another vocabulary than the ids: an id would get another word's",
      {
        hint: "Make the matrix with the state of the encoder that gave the ids.",
      },
    );
  }
  const floats = Float32Array.from(values);
  return new Map(
    wanting.map(({ name, shape }) => {
      const [size, width] = shape;
      if (size === rows && width === columns) return [name, floats];
      throw fail("vectors-shape", `${name} is [${size}, ${width}], and the vectors are [${rows}, ${columns}]`, {
        hint: `Give the layer output_dim: ${columns}, and ids of the vocabulary that the vectors were made for.`,
      });
    }),
  );
}
