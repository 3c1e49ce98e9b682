import type { Column, Dataset, SeriesColumn } from "@seqloom/core";
import { type Clip, type Said, tokensAt } from "./clip.js";
import type { Sounds, Speech } from "./find.js";
import { LARGEST } from "./player.js";

/** Seconds of a clip that are shown at most. */
const LONGEST = 10;

/**
 * Clips to show: rows of the test split where there are some, each of another label as long as there are others.
 * @param data some rows of the dataset
 */
export function clipsOf(data: Dataset, sounds: Sounds, count: number): Clip[] {
  const signal = data.columns.get(sounds.signal);
  const rate = data.columns.get(sounds.rate);
  if (signal?.type !== "series" || rate?.type !== "integer") return [];
  return chosen(data, count).flatMap((row): Clip[] => {
    const sampleRate = rate.values[row];
    const whole = signal.offsets[row + 1] - signal.offsets[row];
    if (sampleRate <= 0 || whole === 0) return [];
    const said = sounds.speech === null ? null : saidOf(data, sounds.speech, row);
    // A cut would tear the sound from the frames that a model gave for all of it.
    const length = said === null ? Math.min(whole, LONGEST * sampleRate, LARGEST / 2 - HEADER) : whole;
    const samples = monoOf(signal, row, length);
    const facts = ["label", "text", "split"].flatMap((name) => {
      const text = textOf(data.columns.get(name), row);
      return text === null || text === "" ? [] : [`${name} ${text}`];
    });
    return [
      {
        name: textOf(data.columns.get("id"), row) ?? `row ${row + 1}`,
        facts,
        samples,
        sampleRate,
        seconds: whole / sampleRate,
        said,
      },
    ];
  });
}

/** Samples that the header of a WAV file takes the room of. */
const HEADER = 22;

function chosen(data: Dataset, count: number): number[] {
  const split = data.columns.get("split");
  const test = split?.type === "label" ? [...data.rowsOfSplit("test")] : [];
  const rows = test.length > 0 ? test : Array.from({ length: data.rows }, (_, row) => row);
  const label = data.columns.get("label");
  if (label?.type !== "label") return rows.slice(0, count);
  const first = new Map<number, number>();
  for (const row of rows) if (!first.has(label.indices[row])) first.set(label.indices[row], row);
  const different = [...first.values()].slice(0, count);
  const others = rows.filter((row) => !different.includes(row)).slice(0, count - different.length);
  return [...different, ...others].sort((a, b) => a - b);
}

/** The mean of the channels, from the beginning. */
function monoOf({ values, offsets, width }: SeriesColumn, row: number, length: number): Float32Array {
  const start = offsets[row] * width;
  return Float32Array.from({ length }, (_, i) => {
    let sum = 0;
    for (let channel = 0; channel < width; channel++) sum += values[start + i * width + channel];
    return sum / width;
  });
}

function textOf(column: Column | undefined, row: number): string | null {
  if (column?.type === "utf8") return column.values[row];
  return column?.type === "label" ? (column.dictionary[column.indices[row]] ?? null) : null;
}

function saidOf(data: Dataset, { probabilities, predicted, wanted, classes }: Speech, row: number): Said | null {
  const [outputs, said, right] = [probabilities, predicted, wanted].map((name) => data.columns.get(name));
  if (outputs?.type !== "series" || outputs.width !== classes.length + 1 || said?.type !== "tokens") return null;
  const { values, offsets, width } = outputs;
  return {
    probabilities: values.subarray(offsets[row] * width, offsets[row + 1] * width),
    classes,
    predicted: tokensAt(said, row),
    wanted: right?.type === "tokens" ? tokensAt(right, row) : null,
  };
}
