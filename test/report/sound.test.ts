import { inflateSync } from "node:zlib";
import { decodeSamples } from "@seqloom/audio";
import { Dataset, type Files, integers, labels, type RunRecord, tokens, utf8 } from "@seqloom/core";
import { type ReadPart, renderReport } from "@seqloom/report";
import { describe, expect, it } from "vitest";
import { quickstart } from "./fixture.js";
import { node, output, result } from "./parts.js";

const RATE = 8000;
const tone = (hz: number, seconds: number): Float32Array =>
  Float32Array.from({ length: Math.round(seconds * RATE) }, (_, i) => 0.5 * Math.sin((2 * Math.PI * hz * i) / RATE));

function seriesOf(parts: readonly Float32Array[], width = 1) {
  const offsets = Int32Array.from([0, ...parts.map(({ length }) => length / width)]);
  for (let i = 1; i < offsets.length; i++) offsets[i] += offsets[i - 1];
  return { type: "series", values: Float32Array.from(parts.flatMap((part) => [...part])), offsets, width } as const;
}

const CLIPS = Dataset.of({
  id: utf8(["a<b>.wav", "second.wav", "third.wav", "fourth.wav"]),
  signal: seriesOf([tone(200, 0.3), tone(300, 0.2), tone(200, 0.2), tone(400, 0.4)]),
  sample_rate: integers([RATE, RATE, RATE, RATE]),
  label: labels(["low", "high", "low", "high"]),
});

const sound = (first: string, more: readonly { name: string; type: string }[] = []) =>
  output("dataset", first, {
    rows: 4,
    columns: [
      { name: "id", type: "utf8" },
      { name: "signal", type: "series", width: 1 },
      { name: "sample_rate", type: "integer" },
      ...more,
    ],
    splits: null,
    sample: [{ id: first, signal: [0, 0.1] }],
  });

const after = (stage: string) => ({ data: { stage, port: "data" } });

/** Sounds of which mel bands and pitch were computed. */
function record(params: Readonly<Record<string, number | string | boolean>> = {}): RunRecord {
  const geometry = { n_fft: 256, hop_length: 80, n_mels: 20 };
  const pitch = { f_min: 65, f_max: 500, frame_length: 512, hop_length: 80, center: true, scale: "hertz", ...params };
  const nodes = [
    node("clips", { use: "audio/load-wav", kind: "stage" }),
    node("spectra", { use: "audio/log-mel", inputs: after("clips"), params: geometry }),
    node("pitch", { use: "audio/pitch", inputs: after("clips"), params: pitch }),
  ];
  const stages = nodes.map(({ name, stage }) => result(name, stage.id, { outputs: { data: sound("x") } }));
  return { ...quickstart, pipeline: { ...quickstart.pipeline, nodes }, stages };
}

const reading =
  (value: unknown): ReadPart =>
  async () =>
    value;
const clips = reading(CLIPS);
const soundsOf = (page: string): Buffer[] =>
  [...page.matchAll(/<audio[^>]* src="data:audio\/wav;base64,([^"]+)"/g)].map(([, text]) =>
    Buffer.from(text, "base64"),
  );
const section = (page: string): string => /<section id="sound">.*?<\/section>/s.exec(page)?.[0] ?? "";

describe("sounds in the report", () => {
  it("plays and draws example clips of different labels, in the page itself", async () => {
    const page = section(await renderReport(record(), clips));
    expect(page.match(/<h4>[^<]*<\/h4>/g)).toEqual(
      ["a&lt;b&gt;.wav", "second.wav", "third.wav"].map((n) => `<h4>${n}</h4>`),
    );
    const [first] = soundsOf(page);
    expect(first.subarray(0, 4).toString()).toBe("RIFF");
    const samples = decodeSamples(first.subarray(44), "int16");
    expect(samples).toHaveLength(0.3 * RATE);
    expect(Math.max(...samples)).toBeCloseTo(0.5, 3);
    expect(page).toContain("label low · 0.30 s at 8000 Hz");
    for (const caption of [
      "Waveform",
      "Mel spectrogram: 20 bands (spectra)",
      "Fundamental frequency over the spectrogram (pitch): from",
    ]) {
      expect(page.split(`<figcaption>${caption}`)).toHaveLength(4);
    }
    expect(page).toContain('aria-label="Waveform of a&lt;b&gt;.wav: 0.30 seconds, largest sample 0.500 of full scale"');
  });

  it("is the same page each time, and one without sounds where results are gone", async () => {
    expect(await renderReport(record(), clips)).toBe(await renderReport(structuredClone(record()), clips));
    expect(section(await renderReport(record(), reading(null)))).toBe("");
    expect(section(await renderReport(record()))).toBe("");
    expect(section(await renderReport(quickstart, clips))).toBe("");
  });

  it("finds the pitch that is there, in hertz or in octaves", async () => {
    expect(section(await renderReport(record(), clips))).toMatch(
      /from 20[01] Hz to 20[0-2] Hz, \d+ of 31 frames voiced/,
    );
    expect(section(await renderReport(record({ scale: "octaves" }), clips))).toMatch(/from 20[01] Hz to 20[0-2] Hz/);
  });

  it("pictures are PNG files of 64 colours, whose pixels are where the tone is", async () => {
    const page = section(await renderReport(record(), clips));
    const mel = /Mel spectrogram.*?class="cells"[^>]*base64,([^"]+)"/s.exec(page)![1];
    const { width, height, pixels } = decoded(Buffer.from(mel, "base64"));
    expect([width, height]).toEqual([31, 20]);
    // 200 Hz is in the second or third of 20 bands, counted from the bottom.
    const column = Array.from({ length: height }, (_, y) => pixels[(height - 1 - y) * width + 15]);
    expect(column.indexOf(Math.max(...column))).toBeLessThan(4);
    expect(Math.max(...column)).toBeGreaterThan(55);
  });

  it("shows what CTC says over the frames, beside what was to be said", async () => {
    const classes = ["a", "b"];
    const said = Float32Array.of(
      ...[
        [0.1, 0.8, 0.1],
        [0.1, 0.8, 0.1],
        [0.9, 0.05, 0.05],
        [0.1, 0.1, 0.8],
      ].flat(),
    );
    const outputs = seriesOf([said, said, said, said], 3);
    const data = CLIPS.with({
      frame_probabilities: outputs,
      predicted_tokens: tokens([["a", "b"], ["a", "b"], [], []]),
      tokens: tokens([["a", "b"], ["b"], ["a"], ["a"]]),
    });
    const nodes = [
      node("clips", { use: "audio/load-wav", kind: "stage" }),
      node("speech", { use: "models/train-ctc", kind: "estimator", inputs: after("clips") }),
    ];
    const columns = [
      { name: "frame_probabilities", type: "series" },
      { name: "predicted_tokens", type: "tokens" },
    ];
    const state = output("model", "m", { config: { task: "sequences", classes }, weights: [] });
    const stages = [
      result("clips", "audio/load-wav", { outputs: { data: sound("x") } }),
      result("speech", "models/train-ctc", { outputs: { data: sound("x", columns), state } }),
    ];
    const page = section(
      await renderReport({ ...quickstart, pipeline: { ...quickstart.pipeline, nodes }, stages }, reading(data)),
    );
    expect(page).toContain('aria-label="Alignment of a&lt;b&gt;.wav: a b"');
    expect(page).toContain('<dt>said</dt><dd>ab <span class="right">✓ right</span></dd>');
    expect(page).toContain(
      '<dt>said</dt><dd>ab <span class="wrong">✗ wrong</span></dd></div><div><dt>to be said</dt><dd>b</dd>',
    );
    expect(page).toContain('<dt>said</dt><dd>nothing <span class="wrong">');
    expect(page).toMatch(/text-anchor="end">blank<\/text>.*text-anchor="end">a<\/text>/s);
  });

  it("holds no more than a few seconds of a long clip, and says so", async () => {
    const long = Dataset.of({
      signal: seriesOf([tone(200, 20)]),
      sample_rate: integers([RATE]),
    });
    const page = section(await renderReport(record(), reading(long)));
    expect(page).toContain("row 1");
    expect(page).toContain("20.00 s at 8000 Hz, the first 10.00 s of it");
    expect(soundsOf(page)[0].length).toBe(44 + 2 * 10 * RATE);
    const fast = Dataset.of({ signal: seriesOf([tone(200, 50)]), sample_rate: integers([96_000]) });
    expect(soundsOf(section(await renderReport(record(), reading(fast))))[0].length).toBe(600_000);
  });

  it("survives clips of one sample, of silence and of none", async () => {
    const odd = Dataset.of({
      signal: seriesOf([Float32Array.of(0.25), new Float32Array(100), new Float32Array(0)]),
      sample_rate: integers([RATE, RATE, RATE]),
    });
    const page = section(await renderReport(record(), reading(odd)));
    expect(page.match(/<article class="clip">/g)).toHaveLength(2);
    expect(page).not.toMatch(/NaN|Infinity|undefined/);
  });

  it("plays and shows files that a stage made, as long as there is room", async () => {
    const nodes = [node("sounds", { use: "audio/write-wav", kind: "stage" })];
    const preview = { count: 3, size: 3, files: [] };
    const stages = [result("sounds", "audio/write-wav", { outputs: { files: output("files", "f", preview) } })];
    const files: Files = [
      { name: "a.wav", mediaType: "audio/wav", bytes: Buffer.from("RIFF") },
      { name: "b.svg", mediaType: "image/svg+xml", bytes: Buffer.from("<svg/>") },
      { name: "c.html", mediaType: "text/html", bytes: Buffer.from("<script>") },
      { name: "d.wav", mediaType: "audio/wav", bytes: new Uint8Array(600_001) },
    ];
    const page = await renderReport(
      { ...quickstart, pipeline: { ...quickstart.pipeline, nodes }, stages },
      reading(files),
    );
    expect(page).toContain("3 files");
    expect(page).toContain('src="data:audio/wav;base64,UklGRg=="');
    expect(page).toContain('<img class="made" alt="b.svg" src="data:image/svg+xml;base64,PHN2Zy8+">');
    expect(page).not.toContain("c.html");
    expect(page).toContain("d.wav is not in the report, which holds 3.0 MB of sounds at most, 600 kB each.");
  });
});

/** The pixels of a PNG file of one byte each, with no filter. */
function decoded(png: Buffer) {
  expect(png.subarray(0, 8).toString("latin1")).toBe("\x89PNG\r\n\x1a\n");
  const chunks = new Map<string, Buffer>();
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at)) {
    const length = png.readUInt32BE(at);
    chunks.set(png.toString("latin1", at + 4, at + 8), png.subarray(at + 8, at + 8 + length));
  }
  const header = chunks.get("IHDR")!;
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  expect(chunks.get("PLTE")).toHaveLength(3 * 64);
  const lines = inflateSync(chunks.get("IDAT")!);
  const pixels = Uint8Array.from(
    { length: width * height },
    (_, i) => lines[Math.floor(i / width) * (width + 1) + 1 + (i % width)],
  );
  return { width, height, pixels };
}
