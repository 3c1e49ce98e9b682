import {
  chroma,
  deltas,
  frameTags,
  inverse,
  logMel,
  mfcc,
  mix,
  pitch,
  preEmphasis,
  resample,
  spectralShape,
  spectrogram,
  trim,
} from "@seqloom/audio";
import { describeStage } from "../../support/describe-stage.js";

/** A tone with harmonics, `seconds` at 8 kHz. */
function tone(hz: number, seconds: number): number[] {
  return Array.from({ length: Math.round(8000 * seconds) }, (_, i) => {
    const phase = (2 * Math.PI * hz * i) / 8000;
    return 0.4 * Math.sin(phase) + 0.2 * Math.sin(2 * phase) + 0.1 * Math.sin(3 * phase);
  });
}

const clips = [tone(220, 0.1), tone(330, 0.06), [0.5]].map((signal) => ({ signal, sample_rate: 8000 }));
const small = { n_fft: 256, hop_length: 80 };

// The examples of features have no rows: what they give is checked against reference outputs.
describeStage(logMel, { rows: clips, with: { ...small, n_mels: 20, top_db: 60 }, skip: ["examples"] });
describeStage(mfcc, { rows: clips, with: { ...small, n_mels: 20, n_mfcc: 13 }, skip: ["examples"] });
describeStage(pitch, { rows: clips, with: { frame_length: 512, voicing: true }, skip: ["examples"] });
describeStage(spectrogram);
describeStage(mix);
describeStage(resample, { rows: clips, with: { rate: 16_000 } });
describeStage(trim);
describeStage(preEmphasis);
describeStage(deltas);
describeStage(frameTags);
describeStage(chroma, { rows: clips, with: { n_fft: 512 }, skip: ["examples"] });
describeStage(spectralShape, { rows: clips, with: { n_fft: 256 }, skip: ["examples"] });
describeStage(inverse, {
  rows: [0.5, 1, 0].map((value) => ({ series: [0, 1, 2].map(() => Array(6).fill(value)) })),
  with: { n_fft: 4, hop_length: 2 },
  skip: ["examples"],
});
