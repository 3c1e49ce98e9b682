import { existsSync, readFileSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { inflateSync } from "node:zlib";
import { openWav } from "@seqloom/audio";

const AUDIO = "audio/dsp-reference-librosa";

/** The folder with the reference outputs, if it is there. */
export const references: string | null =
  [...(process.env.SEQLOOM_MIRROR ?? "").split(delimiter), resolve("../shared/data")]
    .map((folder) => join(folder, AUDIO))
    .find((folder) => existsSync(folder)) ?? null;

/** A matrix of a reference file: values row by row. */
export interface Reference {
  readonly shape: readonly [number, number];
  readonly values: Float64Array;
  /** Of complex matrices only. */
  readonly imaginary?: Float64Array;
}

/** Bytes per number of the types of MAT-files 5, and how to read one. */
const NUMBERS: Readonly<Record<number, readonly [number, (view: DataView, at: number) => number]>> = {
  1: [1, (view, at) => view.getInt8(at)],
  2: [1, (view, at) => view.getUint8(at)],
  3: [2, (view, at) => view.getInt16(at, true)],
  4: [2, (view, at) => view.getUint16(at, true)],
  5: [4, (view, at) => view.getInt32(at, true)],
  6: [4, (view, at) => view.getUint32(at, true)],
  7: [4, (view, at) => view.getFloat32(at, true)],
  9: [8, (view, at) => view.getFloat64(at, true)],
};

/** The numeric matrices of a MATLAB 5 file, by name. */
export function readMat(name: string): Record<string, Reference> {
  const bytes = new Uint8Array(readFileSync(join(references ?? "", name)));
  const out: Record<string, Reference> = {};
  for (const { type, body } of elements(bytes.subarray(128))) {
    const [matrix] = type === 15 ? elements(new Uint8Array(inflateSync(body))) : [{ type, body }];
    const parts = elements(matrix.body);
    const kind = numbersOf(parts[0])[0] & 0xff;
    if (kind < 6 || kind > 15) continue; // text
    const [rows, columns] = numbersOf(parts[1]);
    const title = String.fromCharCode(...parts[2].body);
    const real = numbersOf(parts[3]);
    const byRows = (values: Float64Array): Float64Array =>
      Float64Array.from({ length: rows * columns }, (_, i) => values[(i % columns) * rows + Math.floor(i / columns)]);
    out[title] = {
      shape: [rows, columns],
      values: byRows(real),
      ...(parts[4] !== undefined && { imaginary: byRows(numbersOf(parts[4])) }),
    };
  }
  return out;
}

interface Element {
  readonly type: number;
  readonly body: Uint8Array;
}

/** Elements are a type and a size, four bytes each, and a body filled up to eight; small ones share eight bytes in all. */
function elements(bytes: Uint8Array): Element[] {
  const found: Element[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at + 8 <= bytes.length; ) {
    const small = view.getUint16(at + 2, true);
    const type = view.getUint16(at, true);
    const size = small > 0 ? small : view.getUint32(at + 4, true);
    const from = small > 0 ? at + 4 : at + 8;
    found.push({ type, body: bytes.subarray(from, from + size) });
    at = small > 0 ? at + 8 : from + (type === 15 ? size : Math.ceil(size / 8) * 8);
  }
  return found;
}

function numbersOf({ type, body }: Element): Float64Array {
  const [size, read] = NUMBERS[type];
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  return Float64Array.from({ length: body.length / size }, (_, i) => read(view, i * size));
}

/** A reference that was converted to JSON. */
export function readJson<T>(name: string): T {
  return JSON.parse(readFileSync(join(references ?? "", "derived-json", name), "utf8")) as T;
}

/** A file of the references, its channels mixed to one. */
export function monoClip(name: string): Float32Array {
  const wav = openWav(join(references ?? "", name));
  const samples = wav.read(0, wav.length);
  wav.close();
  return Float32Array.from({ length: wav.length }, (_, i) => {
    let sum = 0;
    for (let c = 0; c < wav.channels; c++) sum += samples[i * wav.channels + c];
    return sum / wav.channels;
  });
}

/** The greatest difference of two lists, as a part of the greatest value of the second. */
export function relativeError(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  let error = Math.abs(found.length - expected.length);
  let top = 0;
  for (let i = 0; i < expected.length; i++) {
    error = Math.max(error, Math.abs(found[i] - expected[i]));
    top = Math.max(top, Math.abs(expected[i]));
  }
  return error / top;
}
