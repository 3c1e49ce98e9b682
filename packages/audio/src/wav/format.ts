/** @file What a WAV file says of its samples (Microsoft and IBM, Multimedia Programming Interface 1.0; RFC 2361 for the codes). */
import { fail } from "@seqloom/core";

/** How one sample is written. */
export type SampleEncoding = "uint8" | "int16" | "int24" | "int32" | "float32" | "float64" | "alaw" | "mulaw";

/** Geometry of a WAV file. */
export interface WavFormat {
  readonly encoding: SampleEncoding;
  readonly channels: number;
  /** Hertz. */
  readonly sampleRate: number;
}

const PCM = 1;
const FLOAT = 3;
const A_LAW = 6;
const MU_LAW = 7;
const EXTENSIBLE = 0xfffe;

const BYTES: Readonly<Record<SampleEncoding, number>> = {
  uint8: 1,
  int16: 2,
  int24: 3,
  int32: 4,
  float32: 4,
  float64: 8,
  alaw: 1,
  mulaw: 1,
};

/** Bytes of one sample of one channel. */
export function bytesOf(encoding: SampleEncoding): number {
  return BYTES[encoding];
}

/** The code and the bits that a `fmt ` chunk writes for an encoding. */
export function codeOf(encoding: SampleEncoding): readonly [code: number, bits: number] {
  const code = encoding === "alaw" ? A_LAW : encoding === "mulaw" ? MU_LAW : encoding.startsWith("float") ? FLOAT : PCM;
  return [code, 8 * BYTES[encoding]];
}

/**
 * Reads the body of a `fmt ` chunk.
 * @throws DiagnosticError `wav-format` for codecs and sizes that are not supported, or numbers that cannot be.
 */
export function parseFormat(chunk: Uint8Array, name: string): WavFormat {
  if (chunk.length < 16) throw problem(name, `its fmt chunk has ${chunk.length} bytes where 16 are needed`);
  const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.length);
  let code = view.getUint16(0, true);
  const channels = view.getUint16(2, true);
  const sampleRate = view.getUint32(4, true);
  const frameBytes = view.getUint16(12, true);
  const bits = view.getUint16(14, true);
  // The extensible form keeps the code in the first two bytes of its GUID.
  if (code === EXTENSIBLE) {
    if (chunk.length < 40) throw problem(name, "its extensible fmt chunk is cut off");
    code = view.getUint16(24, true);
  }
  if (channels === 0) throw problem(name, "it says that it has no channels");
  if (sampleRate === 0) throw problem(name, "it says that its sample rate is 0 Hz");
  const encoding = encodingOf(code, frameBytes > 0 ? (8 * frameBytes) / channels : bits);
  if (encoding === null) {
    throw problem(name, `its samples are written as ${codecName(code)} of ${bits} bits`, {
      hint: "What can be read: 8, 16, 24 and 32-bit integers, 32 and 64-bit floats, A-law and µ-law. Convert it, for instance with `ffmpeg -i in.wav -c:a pcm_s16le out.wav`.",
    });
  }
  return { encoding, channels, sampleRate };
}

/** The container's size decides: 20-bit samples, say, lie left-aligned in 24. */
function encodingOf(code: number, bits: number): SampleEncoding | null {
  if (code === A_LAW && bits === 8) return "alaw";
  if (code === MU_LAW && bits === 8) return "mulaw";
  if (code === FLOAT) return bits === 32 ? "float32" : bits === 64 ? "float64" : null;
  if (code !== PCM) return null;
  return ({ 8: "uint8", 16: "int16", 24: "int24", 32: "int32" } as const)[bits as 8 | 16 | 24 | 32] ?? null;
}

const CODECS: Readonly<Record<number, string>> = {
  [PCM]: "integers",
  2: "Microsoft ADPCM",
  [FLOAT]: "floats",
  [A_LAW]: "A-law",
  [MU_LAW]: "µ-law",
  17: "IMA ADPCM",
  49: "GSM 6.10",
  85: "MP3",
};

function codecName(code: number): string {
  return CODECS[code] ?? `codec 0x${code.toString(16)}`;
}

function problem(name: string, what: string, more: { hint?: string } = {}) {
  return fail("wav-format", `"${name}" cannot be read as WAV: ${what}`, {
    hint: more.hint ?? "The file may be damaged: open it in an audio editor and save it as WAV again.",
  });
}
