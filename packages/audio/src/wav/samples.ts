import { aLawTable, muLawTable } from "./companding.js";
import { bytesOf, type SampleEncoding } from "./format.js";

/** Decodes samples to floats, full scale being 1. Integers are divided by half their range: -32768 becomes -1. */
export function decodeSamples(bytes: Uint8Array, encoding: SampleEncoding): Float32Array {
  const count = Math.floor(bytes.length / bytesOf(encoding));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const out = new Float32Array(count);
  switch (encoding) {
    case "uint8":
      for (let i = 0; i < count; i++) out[i] = (bytes[i] - 128) / 128;
      return out;
    case "int16":
      for (let i = 0; i < count; i++) out[i] = view.getInt16(2 * i, true) / 32_768;
      return out;
    case "int24":
      for (let i = 0; i < count; i++) {
        out[i] = (view.getUint16(3 * i, true) | (view.getInt8(3 * i + 2) << 16)) / 8_388_608;
      }
      return out;
    case "int32":
      for (let i = 0; i < count; i++) out[i] = view.getInt32(4 * i, true) / 2_147_483_648;
      return out;
    case "float32":
      for (let i = 0; i < count; i++) out[i] = view.getFloat32(4 * i, true);
      return out;
    case "float64":
      for (let i = 0; i < count; i++) out[i] = view.getFloat64(8 * i, true);
      return out;
    case "alaw":
    case "mulaw": {
      const values = encoding === "alaw" ? aLawTable() : muLawTable();
      for (let i = 0; i < count; i++) out[i] = values[bytes[i]];
      return out;
    }
  }
}

/** Encodings that are written. */
export type WrittenEncoding = "int16" | "int24" | "float32";

/** Encodes floats; what is beyond full scale is cut off. */
export function encodeSamples(samples: Float32Array, encoding: WrittenEncoding): Uint8Array {
  const bytes = new Uint8Array(samples.length * bytesOf(encoding));
  const view = new DataView(bytes.buffer);
  const whole = (value: number, scale: number): number =>
    Math.max(-scale, Math.min(scale - 1, Math.round(value * scale)));
  for (let i = 0; i < samples.length; i++) {
    if (encoding === "float32") view.setFloat32(4 * i, samples[i], true);
    else if (encoding === "int16") view.setInt16(2 * i, whole(samples[i], 32_768), true);
    else {
      const value = whole(samples[i], 8_388_608);
      view.setUint16(3 * i, value & 0xffff, true);
      view.setInt8(3 * i + 2, value >> 16);
    }
  }
  return bytes;
}
