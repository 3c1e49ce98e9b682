/** @file Audio: WAV files, digital signal processing, and the stages that are made of them. */
export * from "./dsp/index.js";
export { chroma } from "./stages/chroma.js";
export { concatenate } from "./stages/concatenate.js";
export { deltas } from "./stages/deltas.js";
export { frameTags } from "./stages/frame-tags.js";
export { inverse } from "./stages/inverse.js";
export { loadWav } from "./stages/load-wav.js";
export { logMel } from "./stages/log-mel.js";
export { mfcc } from "./stages/mfcc.js";
export { mix } from "./stages/mix.js";
export { pitch } from "./stages/pitch.js";
export { resample } from "./stages/resample.js";
export { scenes } from "./stages/scenes.js";
export { spectralShape } from "./stages/spectral-shape.js";
export { spectrogram } from "./stages/spectrogram.js";
export { trim } from "./stages/trim.js";
export * from "./wav/index.js";
