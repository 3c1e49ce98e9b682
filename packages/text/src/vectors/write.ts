import { fail } from "@seqloom/core";
import type { ReadVectors, VectorFormat } from "./read.js";

/**
 * The bytes of a file of vectors. Texts say each number with as many digits as bring the same float32 back.
 * @throws DiagnosticError `vectors-word` where a word cannot stand in such a file.
 */
export function writeVectors({ words, values, width }: ReadVectors, format: VectorFormat): Uint8Array {
  const strange = words.find((word) => word === "" || /[\s\n]/u.test(word));
  if (strange !== undefined) {
    throw fail("vectors-word", `"${strange}" cannot stand in a file of vectors: a space ends a word there`, {
      hint: "Replace spaces in words before, such as by _.",
    });
  }
  const header = format === "glove" ? "" : `${words.length} ${width}\n`;
  if (format === "word2vec_binary") {
    const parts = words.flatMap((word, row) => [
      Buffer.from(`${word} `),
      littleEndian(values.subarray(row * width, (row + 1) * width)),
      Buffer.from("\n"),
    ]);
    return Buffer.concat([Buffer.from(header), ...parts]);
  }
  const lines = words.map((word, row) => {
    const numbers = Array.from(values.subarray(row * width, (row + 1) * width), shortest);
    return `${word} ${numbers.join(" ")}\n`;
  });
  return Buffer.from(header + lines.join(""));
}

function littleEndian(values: Float32Array): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [i, value] of values.entries()) bytes.writeFloatLE(value, 4 * i);
  return bytes;
}

/** The fewest digits that read as this float32: nine are always enough. */
function shortest(value: number): string {
  for (let digits = 6; digits < 9; digits++) {
    const text = String(Number(value.toPrecision(digits)));
    if (Math.fround(Number(text)) === value) return text;
  }
  return String(Number(value.toPrecision(9)));
}
