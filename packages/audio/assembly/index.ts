/** @file The kernels of audio: Fourier transforms, spectra, filter banks, resampling, pitch. One thread, one memory, no state. */
export { inverseFrames } from "./inverse";
export { applyBank, logarithm } from "./bank";
export { differences } from "./pitch";
export { resample } from "./resample";
export { spectra } from "./spectra";
