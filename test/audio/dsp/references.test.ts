/** @file The signal processing against outputs of reference implementations (librosa's test data). */
import {
  centroid,
  chromaFilters,
  type Filter,
  hzToMel,
  hzToOctaves,
  melFilters,
  melToHz,
  pyin,
  rolloff,
  Stft,
  type WindowShape,
  type YinOptions,
  yin,
} from "@seqloom/audio";
import { describe, expect, it } from "vitest";
import { monoClip, readJson, readMat, references, relativeError } from "../support.js";

/** `[filters, bins]`, as the references have it. */
function matrixOf(filters: readonly Filter[], bins: number): Float64Array {
  const matrix = new Float64Array(filters.length * bins);
  for (const [place, { first, weights }] of filters.entries()) matrix.set(weights, place * bins + first);
  return matrix;
}

/** The first `columns` columns of a matrix. */
function left({ shape, values }: { shape: readonly number[]; values: Float64Array }, columns: number): Float64Array {
  return values.filter((_, i) => i % shape[1] < columns);
}

function stftOf(nFft: number, hopLength: number, window: WindowShape): Stft {
  return new Stft({ nFft, hopLength, winLength: nFft, window, center: false, padMode: "constant" });
}

describe.skipIf(references === null)("equals the reference outputs (needs SEQLOOM_MIRROR)", () => {
  it.each(["005", "006", "011", "012"])("short-time Fourier transform %s", (number) => {
    const { nfft, hop_length, hann_w, D } = readMat(`core-stft-${number}.mat`);
    const stft = stftOf(nfft.values[0], hop_length.values[0], hann_w.values[0] === 0 ? "rectangular" : "hann");
    const spectra = stft.run(monoClip("test1_22050.wav"), "complex");
    const [bins, frames] = D.shape;
    expect(spectra.length).toBe(frames * 2 * bins);
    // The references lie bins by frames, and conjugated.
    const at = (frame: number, value: number): number => spectra[frame * 2 * bins + value];
    const real = D.values.map((_, i) => at(i % frames, Math.floor(i / frames)));
    const imaginary = D.values.map((_, i) => -at(i % frames, bins + Math.floor(i / frames)));
    expect(relativeError(real, D.values)).toBeLessThan(1e-6);
    expect(relativeError(imaginary, D.imaginary ?? [])).toBeLessThan(1e-6);
  });

  it("inverse transform, without overlap", () => {
    const { nfft, hop_length, D, Dinv } = readMat("core-istft-005.mat");
    const [bins, frames] = D.shape;
    const spectra = new Float32Array(frames * 2 * bins);
    for (let i = 0; i < D.values.length; i++) {
      const at = (i % frames) * 2 * bins + Math.floor(i / frames);
      spectra[at] = D.values[i];
      spectra[at + bins] = -(D.imaginary?.[i] ?? 0);
    }
    const signal = stftOf(nfft.values[0], hop_length.values[0], "rectangular").inverse(spectra);
    expect(relativeError(signal, Dinv.values.subarray(0, signal.length))).toBeLessThan(1e-6);
  });

  it.each(["001", "002", "007", "008", "013", "014", "019", "020"])("mel filters %s", (number) => {
    const { sr, nfft, nfilts, fmin, fmax, htk, wts } = readMat(`feature-melfb-${number}.mat`);
    const [sampleRate, nFft, nMels] = [sr, nfft, nfilts].map(({ values }) => values[0]);
    const filters = melFilters({
      sampleRate,
      nFft,
      nMels,
      fMin: fmin.values[0],
      fMax: fmax.values[0],
      scale: htk.values[0] === 1 ? "htk" : "slaney",
      norm: "slaney",
    });
    const bins = nFft / 2 + 1;
    expect(relativeError(matrixOf(filters, bins), left(wts, bins))).toBeLessThan(1e-9);
  });

  it("hertz to mel, mel to hertz, hertz to octaves", () => {
    for (const number of ["001", "003"]) {
      const toMel = readMat(`feature-hz_to_mel-${number}.mat`);
      expect(
        relativeError(
          toMel.f.values.map((hz) => hzToMel(hz)),
          toMel.result.values,
        ),
      ).toBeLessThan(1e-12);
      const toHz = readMat(`feature-mel_to_hz-${number}.mat`);
      expect(
        relativeError(
          toHz.f.values.map((mel) => melToHz(mel)),
          toHz.result.values,
        ),
      ).toBeLessThan(1e-12);
    }
    const octaves = readMat("feature-hz_to_octs-002.mat");
    expect(
      relativeError(
        octaves.f.values.map((hz) => hzToOctaves(hz)),
        octaves.result.values,
      ),
    ).toBeLessThan(1e-12);
  });

  it("chroma filters", () => {
    const { sr, nfft, nchroma, a440, ctroct, octwidth, wts } = readMat("feature-chromafb-009.mat");
    const filters = chromaFilters({
      sampleRate: sr.values[0],
      nFft: nfft.values[0],
      classes: nchroma.values[0],
      a440: a440.values[0],
      centreOctave: ctroct.values[0],
      octaveWidth: octwidth.values[0],
      first: "A",
    });
    const bins = nfft.values[0] / 2 + 1;
    expect(relativeError(matrixOf(filters, bins), left(wts, bins))).toBeLessThan(1e-9);
  });

  it("spectral centroid and rolloff", () => {
    const { centroid: expected, nfft, hop_length } = readMat("met-centroid-001.mat");
    // These references were made under a symmetric Hamming window.
    const options = stftOf(nfft.values[0], hop_length.values[0], "hamming").options;
    const stft = new Stft({ ...options, symmetric: true });
    const spectra = stft.run(monoClip("test1_22050.wav"), "magnitude");
    const hzPerBin = 22_050 / nfft.values[0];
    const frames = expected.shape[1];
    const found = centroid(spectra, stft.bins, hzPerBin).subarray(0, frames);
    expect(relativeError(found, expected.values)).toBeLessThan(1e-4);
    const { rolloff: edges, pct } = readMat("met-rolloff-001.mat");
    const edge = rolloff(spectra, stft.bins, hzPerBin, pct.values[0]).subarray(0, frames);
    expect(relativeError(edge, edges.values)).toBeLessThan(1e-4);
  });

  const sampleRate = 22_050;
  const range: YinOptions = {
    sampleRate,
    fMin: 60,
    fMax: 900,
    frameLength: 2048,
    hopLength: 512,
    center: false,
    padMode: "constant",
  };
  /** The exponential chirp of the references: 220 to 640 Hz in a second. */
  const chirp = Float32Array.from({ length: sampleRate }, (_, i) => {
    const ratio = 640 / 220;
    return Math.sin((2 * Math.PI * 220 * (ratio ** (i / sampleRate) - 1)) / Math.log(ratio));
  });
  const octaves = (hz: ArrayLike<number>): number[] => Array.from(hz, (value) => Math.log2(value));

  // The program that made these references takes one sample too late into the energy of the shifted window, which moves
  // its minima by up to 1.7e-4; with that in it, they are equal within 1e-7.
  it("YIN", () => {
    const { data } = readJson<{ data: number[] }>("pitch-yin.json");
    const found = yin(chirp, { ...range, fMin: 110, fMax: 880 });
    expect(relativeError(octaves(found), octaves(data))).toBeLessThan(1e-4);
    expect(relativeError(found, data)).toBeLessThan(2e-4);
  });

  it("probabilistic YIN, and where there is a voice", () => {
    const { data } = readJson<{ data: number[] }>("pitch-pyin.json");
    const clip = new Float32Array(3 * sampleRate);
    clip.set(chirp, sampleRate);
    const { f0, voiced } = pyin(clip, range);
    expect([...voiced]).toEqual(data.map((hz) => (hz > 0 ? 1 : 0)));
    const heard = (values: ArrayLike<number>): number[] => Array.from(values).filter((_, t) => data[t] > 0);
    expect(relativeError(octaves(heard(f0)), octaves(heard(data)))).toBeLessThan(1e-4);
  });
});
