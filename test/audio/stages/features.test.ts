import { chroma, inverse, logMel, mfcc, pitch, resample, spectralShape, spectrogram, trim } from "@seqloom/audio";
import { type AnyStage, Dataset, executeStage, integers, type SeriesColumn, series } from "@seqloom/core";
import { describe, expect, it } from "vitest";
import { testContext } from "../../support/context.js";

function sounds(clips: readonly (readonly number[])[], rates: readonly number[], width = 1): Dataset {
  const rows = clips.map((clip) =>
    Array.from({ length: clip.length / width }, (_, i) => clip.slice(i * width, (i + 1) * width)),
  );
  return Dataset.of({ signal: series(rows, width), sample_rate: integers(rates) });
}

async function run(stage: AnyStage, data: Dataset, given: object = {}, column = "series"): Promise<SeriesColumn> {
  const out = await executeStage(stage, { data }, stage.params.parse(given), testContext());
  return (out.data as Dataset).column(column) as SeriesColumn;
}

const sine = (hz: number, rate: number, seconds: number): number[] =>
  Array.from({ length: Math.round(rate * seconds) }, (_, i) => 0.5 * Math.sin((2 * Math.PI * hz * i) / rate));

describe("audio features", () => {
  it("a tone is loudest in the bin and in the band of its frequency", async () => {
    const data = sounds([sine(1000, 8000, 0.5)], [8000]);
    const spectra = await run(spectrogram, data, { n_fft: 256 });
    const frame = spectra.values.subarray(10 * spectra.width, 11 * spectra.width);
    expect(frame.indexOf(Math.max(...frame))).toBe(32);
    const bands = await run(logMel, data, { n_fft: 256, n_mels: 40 });
    const band = bands.values.subarray(10 * 40, 11 * 40);
    const loudest = band.indexOf(Math.max(...band));
    expect(loudest).toBeGreaterThan(12);
    expect(loudest).toBeLessThan(22);
  });

  it("gives one frame even of a clip of one sample, and as many frames as centred hops fit", async () => {
    const { offsets } = await run(logMel, sounds([[0.5], sine(100, 8000, 0.1)], [8000, 8000]), { hop_length: 100 });
    expect([...offsets]).toEqual([0, 1, 10]);
  });

  it("refuses clips of several rates and of several channels, and says which stage helps", async () => {
    const mixed = sounds(
      [
        [0, 1],
        [1, 0],
      ],
      [8000, 16_000],
    );
    await expect(run(logMel, mixed)).rejects.toMatchObject({
      diagnostics: [{ code: "mixed-sample-rates", hint: expect.stringContaining("audio/resample") }],
    });
    await expect(run(mfcc, sounds([[0, 1, 0, 1]], [8000], 2))).rejects.toMatchObject({
      diagnostics: [{ code: "not-mono", hint: expect.stringContaining("audio/mix") }],
    });
  });

  it("names the bands that no bin falls into", async () => {
    const context = testContext();
    const params = logMel.params.parse({ n_fft: 256, n_mels: 200 });
    await executeStage(logMel, { data: sounds([sine(100, 8000, 0.1)], [8000]) }, params, context);
    expect(context.heard.logs[0]).toMatch(/^\d+ of 200 mel bands .* always silent .* larger n_fft$/);
  });

  it("finds the pitch of a tone, and none in silence", async () => {
    const tone = sine(220, 8000, 0.5);
    const data = sounds([[...Array<number>(4000).fill(0), ...tone]], [8000]);
    const { values, width } = await run(pitch, data, { frame_length: 1024, voicing: true });
    const f0 = Array.from({ length: values.length / width }, (_, t) => values[t * width]);
    expect(f0.slice(0, 10)).toEqual(Array(10).fill(0));
    for (const hz of f0.slice(20, 28)) expect(hz).toBeCloseTo(220, 0);
  });

  it("a pitch range that a frame cannot hold is told with the length that would do", async () => {
    await expect(run(pitch, sounds([[0, 1]], [8000]), { f_min: 20, frame_length: 256 })).rejects.toMatchObject({
      diagnostics: [{ code: "pitch-range", hint: expect.stringContaining("at least 802") }],
    });
  });

  it("resampling keeps a tone and takes away what would fold back", async () => {
    const data = sounds([sine(1000, 44_100, 0.2), sine(6000, 44_100, 0.2)], [44_100, 44_100]);
    const { values, offsets } = await run(resample, data, { rate: 8000 }, "signal");
    expect(offsets[1]).toBe(1600);
    for (let i = 200; i < 1400; i++) expect(values[i]).toBeCloseTo(0.5 * Math.sin((2 * Math.PI * 1000 * i) / 8000), 4);
    expect(Math.max(...values.subarray(1800, 3000))).toBeLessThan(1e-4);
  });

  it("a clip that is silent throughout is not trimmed to nothing", async () => {
    const { offsets } = await run(trim, sounds([Array(5000).fill(0)], [8000]), {}, "signal");
    expect(offsets[1]).toBe(5000);
  });

  it("complex spectra turn back into the sound that they came from", async () => {
    const clip = Array.from({ length: 5000 }, (_, i) => Math.sin(i * i * 1e-4) * 0.7);
    const geometry = { n_fft: 512, hop_length: 128 };
    const data = sounds([clip], [8000]);
    const spectra = await executeStage(
      spectrogram,
      { data },
      spectrogram.params.parse({ ...geometry, kind: "complex" }),
      testContext(),
    );
    const { values } = await run(inverse, spectra.data as Dataset, geometry, "signal");
    expect(values.length).toBe(4992);
    for (let i = 0; i < values.length; i++) expect(Math.abs(values[i] - clip[i])).toBeLessThan(1e-5);
  });

  it("from magnitudes alone it finds a sound with nearly these magnitudes, nearer the longer it looks", async () => {
    const geometry = { n_fft: 256, hop_length: 64 };
    const data = sounds([sine(500, 8000, 0.4).map((x, i) => x * Math.sin(i / 300))], [8000]);
    const spectra = await executeStage(spectrogram, { data }, spectrogram.params.parse(geometry), testContext());
    const wanted = (spectra.data as Dataset).column("series") as SeriesColumn;
    const distance = async (iterations: number): Promise<number> => {
      const given = inverse.params.parse({ ...geometry, kind: "magnitude", iterations });
      const back = await executeStage(inverse, { data: spectra.data }, given, testContext());
      const again = await run(spectrogram, back.data as Dataset, geometry);
      let error = 0;
      let total = 0;
      for (let i = 0; i < again.values.length; i++) {
        error += (again.values[i] - wanted.values[i]) ** 2;
        total += wanted.values[i] ** 2;
      }
      return Math.sqrt(error / total);
    };
    const [short, long] = [await distance(2), await distance(60)];
    expect(long).toBeLessThan(short);
    expect(long).toBeLessThan(0.1);
  });

  it("spectra of another geometry are refused", async () => {
    const data = Dataset.of({ series: series([[[1, 2, 3]]], 3) });
    await expect(run(inverse, data, { n_fft: 512 }, "signal")).rejects.toMatchObject({
      diagnostics: [{ code: "spectrum-width" }],
    });
  });

  it("the A above middle C is the tenth pitch class, and a tone is pure where noise is flat", async () => {
    const { values } = await run(chroma, sounds([sine(440, 8000, 1)], [8000]), { n_fft: 2048 });
    const frame = values.subarray(8 * 12, 9 * 12);
    expect(frame.indexOf(1)).toBe(9);
    let state = 1;
    const noise = Array.from({ length: 8000 }, () => {
      state = (state * 48_271) % 2_147_483_647;
      return state / 1_073_741_824 - 1;
    });
    const of = { features: ["flatness", "centroid", "zero_crossings", "energy"], n_fft: 1024 };
    const shape = await run(spectralShape, sounds([sine(440, 8000, 1), noise], [8000, 8000]), of);
    const [tone, hiss] = [8, shape.offsets[1] + 8].map((t) => shape.values.subarray(t * 4, t * 4 + 4));
    expect(tone[0]).toBeLessThan(0.01);
    expect(hiss[0]).toBeGreaterThan(0.4);
    expect(tone[1]).toBeCloseTo(440, -1);
    expect(hiss[1]).toBeGreaterThan(1700);
    expect(tone[2]).toBeCloseTo(880 / 8000, 2);
    expect(tone[3]).toBeCloseTo(0.5 / Math.SQRT2, 2);
  });

  it("a tone that begins has its onset there, and nowhere else", async () => {
    const signal = Float32Array.from({ length: 8000 }, (_, i) =>
      i < 4000 ? 0 : Math.sin((2 * Math.PI * 440 * i) / 8000),
    );
    const of = { features: ["onset"], n_fft: 512, hop_length: 128 };
    const { values } = await run(spectralShape, sounds([[...signal]], [8000]), of);
    const loudest = values.indexOf(Math.max(...values));
    expect(Math.abs(loudest - 4000 / 128)).toBeLessThan(3);
    expect(values[loudest]).toBeGreaterThan(5);
    expect(Math.max(...values.subarray(0, 25))).toBe(0);
    expect(Math.max(...values.subarray(45, 60))).toBeLessThan(0.5);
  });

  it("says what is wrong with the geometry before anything runs", () => {
    const problems = (given: object) =>
      logMel.check?.(logMel.params.parse(given)).map(({ path, message }) => [path[0], message]);
    expect(problems({ n_fft: 254 })).toEqual([["n_fft", "a Fourier transform of 254 samples is not there"]]);
    expect(problems({ n_fft: 256, win_length: 300 })?.[0][0]).toBe("win_length");
    expect(problems({ n_fft: 256, hop_length: 300 })?.[0]).toEqual([
      "hop_length",
      "the hop of 300 samples is longer than the window of 256: samples between frames are lost",
    ]);
    expect(problems({ f_min: 500, f_max: 400 })?.[0][0]).toBe("f_max");
  });
});
