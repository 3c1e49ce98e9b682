import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { fail } from "@seqloom/core";
import { bytesOf, parseFormat, type WavFormat } from "./format.js";
import { decodeSamples } from "./samples.js";

/** An open WAV file, of which any stretch can be read without the rest. */
export interface WavFile extends WavFormat {
  /** Samples of one channel. */
  readonly length: number;
  /** What is odd about the file, in words, though it could be read. */
  readonly warnings: readonly string[];
  /** Samples `start … end`, `[end - start, channels]`; less where the file ends before. */
  read(start: number, end: number): Float32Array;
  close(): void;
}

const HEADER = 12;

/** The first size that a header of 32 bits cannot hold. */
const LARGEST = 2 ** 32;

/** A size of 2^32 - 1, or of 0, is what programs write that stream and do not know the end. */
const UNKNOWN_SIZES = [0, 0xffffffff];

/**
 * Opens a WAV file: RIFF, RF64 and BW64 (files above 4 GB), of any channels. A header that promises more samples than there are
 * is met with a warning, and what is there is read.
 * @param name the file in messages.
 * @throws DiagnosticError `wav-format`, `wav-empty`.
 */
export function openWav(path: string, name = path): WavFile {
  const file = openSync(path, "r");
  try {
    return parse(file, name);
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

function parse(file: number, name: string): WavFile {
  const { size } = fstatSync(file);
  const head = bytesAt(file, 0, HEADER);
  const magic = text(head, 0);
  if (!["RIFF", "RF64", "BW64"].includes(magic) || text(head, 8) !== "WAVE") throw notWav(name, head);
  let format: WavFormat | null = null;
  let wideSize: number | null = null;
  for (let at = HEADER; at + 8 <= size; ) {
    const chunk = bytesAt(file, at, 8);
    const id = text(chunk, 0);
    const length = new DataView(chunk.buffer, chunk.byteOffset).getUint32(4, true);
    const body = at + 8;
    if (id === "fmt ") format = parseFormat(bytesAt(file, body, Math.min(length, 64)), name);
    if (id === "ds64") {
      const wide = bytesAt(file, body, 16);
      wideSize = wide.length < 16 ? null : Number(new DataView(wide.buffer, wide.byteOffset).getBigUint64(8, true));
    }
    if (id === "data") {
      if (format === null) throw problem(name, "its samples come before its format");
      const claimed = length === 0xffffffff && wideSize !== null ? wideSize : length;
      return opened(file, name, format, { from: body, claimed, there: size - body });
    }
    // Chunks begin at even places.
    at = body + length + (length % 2);
  }
  throw problem(name, format === null ? "it has no fmt chunk" : "it has no data chunk");
}

function opened(
  file: number,
  name: string,
  format: WavFormat,
  { from, claimed, there }: { readonly from: number; readonly claimed: number; readonly there: number },
): WavFile {
  const frameBytes = bytesOf(format.encoding) * format.channels;
  // What a 32-bit header cannot say of a larger file, it says modulo 2^32, or not at all.
  const wrapped = there >= LARGEST && claimed < LARGEST && (there - claimed) % LARGEST < frameBytes + 2;
  const unknown = (UNKNOWN_SIZES.includes(claimed) && there > 0) || wrapped;
  const length = Math.floor((unknown ? there : Math.min(claimed, there)) / frameBytes);
  if (length === 0) {
    throw fail("wav-empty", `"${name}" has no samples`, { hint: "Take the file out, or record it again." });
  }
  const warnings: string[] = [];
  if (!unknown && claimed > there) {
    const promised = Math.floor(claimed / frameBytes);
    warnings.push(`"${name}" is cut off: its header promises ${promised} samples, ${length} are there`);
  }
  const read = (start: number, end: number): Float32Array => {
    const first = Math.max(0, Math.min(start, length));
    const last = Math.max(first, Math.min(end, length));
    return decodeSamples(bytesAt(file, from + first * frameBytes, (last - first) * frameBytes), format.encoding);
  };
  return { ...format, length, warnings, read, close: () => closeSync(file) };
}

function bytesAt(file: number, at: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let done = 0;
  while (done < length) {
    const read = readSync(file, bytes, done, length - done, at + done);
    if (read === 0) break;
    done += read;
  }
  return bytes.subarray(0, done);
}

function text(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 4));
}

/** Beginnings of files that people take for WAV. */
const OTHERS: readonly (readonly [start: string, name: string])[] = [
  ["ID3", "an MP3 file"],
  ["\xff\xfb", "an MP3 file"],
  ["fLaC", "a FLAC file"],
  ["OggS", "an Ogg file"],
  ["FORM", "an AIFF file"],
  ["RIFX", "a big-endian WAV file"],
  ["caff", "a Core Audio file"],
];

function notWav(name: string, head: Uint8Array) {
  const start = String.fromCharCode(...head);
  const other = OTHERS.find(([beginning]) => start.startsWith(beginning))?.[1];
  const what = head.length === 0 ? "it is empty" : other === undefined ? "it does not begin as one" : `it is ${other}`;
  return problem(name, what);
}

function problem(name: string, what: string) {
  return fail("wav-format", `"${name}" cannot be read as WAV: ${what}`, {
    hint: "Convert it, for instance with `ffmpeg -i in -c:a pcm_s16le out.wav`, or leave it out of the files.",
  });
}
