import { dataset, defineStage, type NamedFile, value } from "@seqloom/core";
import { patternProblems } from "@seqloom/data";
import { z } from "zod";
import { fileNames } from "../file-names.js";
import { SOUND, signalOf } from "../signals.js";
import { wavBytes } from "../wav/write.js";

/** Names of rows that are in a message. */
const NAMED = 5;

/** Writes clips as WAV files, which `seqloom export` puts into a folder and the report plays. */
export const writeWav = defineStage({
  id: "audio/write-wav",
  version: 1,
  description: "Writes clips as WAV files, which `seqloom export` puts into a folder and the report plays.",
  inputs: { data: dataset(SOUND, { optional: { id: "utf8" } }) },
  outputs: { files: value("files") },
  params: z.strictObject({
    encoding: z
      .enum(["int16", "int24", "float32"])
      .default("int16")
      .describe("Integers of 16 or 24 bits, where what is beyond full scale is cut off; or floats, which keep it"),
    names: z
      .string()
      .min(1)
      .optional()
      .describe('Names of the files, from columns: "{label}_{row}.wav"; default the column id, or else the row from 1'),
    rows: z.int().min(1).optional().describe("How many clips to write, the first ones; default all"),
  }),
  check: ({ names }) => (names === undefined ? [] : patternProblems(names, ["names"])),
  examples: [{ title: "four sounds to listen to", with: { rows: 4, names: "{label}/{row}.wav" } }],
  run: ({ data }, { encoding, names, rows = data.rows }, context) => {
    const signal = data.column("signal");
    const rates = data.column("sample_rate").values;
    const named = fileNames(data, names ?? null, Math.min(rows, data.rows));
    const loud: string[] = [];
    const files = named.map((name, row): NamedFile => {
      context.signal.throwIfAborted();
      const samples = signalOf(signal, row);
      if (encoding !== "float32" && samples.some((sample) => Math.abs(sample) > 1)) loud.push(name);
      return {
        name,
        mediaType: "audio/wav",
        bytes: wavBytes(samples, rates[row], { channels: signal.width, encoding }),
      };
    });
    if (loud.length > 0) {
      context.log(
        `${loud.length} of ${files.length} clips are louder than full scale and are cut off there ` +
          `(${loud.slice(0, NAMED).join(", ")}${loud.length > NAMED ? ", …" : ""}): encoding: float32 keeps them`,
      );
    }
    return { files };
  },
});
