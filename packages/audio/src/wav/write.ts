import { bytesOf, codeOf } from "./format.js";
import { encodeSamples, type WrittenEncoding } from "./samples.js";

/**
 * The bytes of a WAV file: 16 or 24-bit integers or 32-bit floats.
 * @param samples `[length, channels]`, full scale being 1.
 */
export function wavBytes(
  samples: Float32Array,
  sampleRate: number,
  { channels = 1, encoding = "int16" }: { readonly channels?: number; readonly encoding?: WrittenEncoding } = {},
): Uint8Array {
  const data = encodeSamples(samples, encoding);
  const [code, bits] = codeOf(encoding);
  const frameBytes = bytesOf(encoding) * channels;
  const bytes = new Uint8Array(44 + data.length + (data.length % 2));
  const view = new DataView(bytes.buffer);
  write(bytes, 0, "RIFF");
  view.setUint32(4, bytes.length - 8, true);
  write(bytes, 8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, code, true);
  view.setUint16(22, channels, true);
  view.setUint32(24, sampleRate, true);
  view.setUint32(28, sampleRate * frameBytes, true);
  view.setUint16(32, frameBytes, true);
  view.setUint16(34, bits, true);
  write(bytes, 36, "data");
  view.setUint32(40, data.length, true);
  bytes.set(data, 44);
  return bytes;
}

function write(bytes: Uint8Array, at: number, text: string): void {
  for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i);
}
