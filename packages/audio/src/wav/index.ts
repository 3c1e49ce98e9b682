export { bytesOf, type SampleEncoding, type WavFormat } from "./format.js";
export { openWav, type WavFile } from "./read.js";
export { decodeSamples, encodeSamples, type WrittenEncoding } from "./samples.js";
export { wavBytes } from "./write.js";
