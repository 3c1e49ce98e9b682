export { cepstra, decibelsOf, limitRange } from "./cepstrum.js";
export { type ChromaOptions, chromaFilters, hzToOctaves } from "./chroma.js";
export { deltas as slopesOf } from "./deltas.js";
export { isFourierLength, nextFourierLength } from "./fourier.js";
export { type GriffinLimOptions, griffinLim } from "./griffin-lim.js";
export { BandSpectra, DECIBELS, type Logarithm, MelSpectra } from "./log-mel.js";
export {
  emptyFilters,
  type Filter,
  hzToMel,
  MEL_SCALES,
  type MelOptions,
  type MelScale,
  melFilters,
  melToHz,
} from "./mel.js";
export { copyPadded, PAD_MODES, type PadMode } from "./padding.js";
export { type PitchTrack, pyin } from "./pyin.js";
export { resample as resampled } from "./resample.js";
export * from "./shape.js";
export { type SpectrumKind, Stft, type StftOptions } from "./stft.js";
export { trimmed } from "./trim.js";
export { WINDOWS, type WindowShape, windowOf } from "./windows.js";
export { type YinOptions, yin } from "./yin.js";
