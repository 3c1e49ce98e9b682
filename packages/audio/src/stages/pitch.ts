import { dataset, defineMap, fail } from "@seqloom/core";
import { z } from "zod";
import { PAD_MODES } from "../dsp/padding.js";
import { pyin } from "../dsp/pyin.js";
import { periodRange, type YinOptions, yin } from "../dsp/yin.js";
import { monoOf, rateOf, SOUND, seriesOf, signalOf } from "../signals.js";

/** Fundamental frequency, `[frames, 1]`, or with voicing `[frames, 3]`. */
export const pitch = defineMap({
  id: "audio/pitch",
  version: 1,
  description: "Fundamental frequency of speech and of single instruments, frame by frame: YIN or probabilistic YIN.",
  input: dataset(SOUND),
  output: dataset({ series: "series" }),
  params: z.strictObject({
    method: z
      .enum(["pyin", "yin"])
      .default("pyin")
      .describe("pyin: with voicing, the path tracked over time. yin: frame by frame, a frequency for every frame"),
    f_min: z.number().positive().default(65).describe("Lowest frequency, hertz"),
    f_max: z.number().positive().default(500).describe("Highest frequency, hertz"),
    frame_length: z.int().min(16).default(2048).describe("Samples of a frame: two periods of f_min, at least"),
    hop_length: z.int().min(1).optional().describe("Samples from frame to frame; default a quarter of frame_length"),
    center: z.boolean().default(true).describe("Whether frame t is centred at sample t × hop_length"),
    pad_mode: z.enum(PAD_MODES).default("constant").describe("What stands beyond the ends of a clip"),
    threshold: z.number().positive().max(1).default(0.1).describe("For yin: how low a trough must be to be taken"),
    unvoiced: z
      .enum(["zero", "keep"])
      .default("zero")
      .describe("For pyin: the frequency of unvoiced frames is 0, or what it would most likely be"),
    scale: z
      .enum(["hertz", "octaves"])
      .default("hertz")
      .describe("hertz, or octaves above f_min (0 for unvoiced frames): what a model learns from"),
    voicing: z
      .boolean()
      .default(false)
      .describe(
        "For pyin: adds whether the frame is voiced, 0 or 1, and the probability of that: three values a frame",
      ),
  }),
  check: ({ method, f_min: low, f_max: high, voicing }) => [
    ...(low >= high
      ? [{ path: ["f_max"], message: `f_max, ${high} Hz, is not above f_min, ${low} Hz`, hint: "Raise f_max." }]
      : []),
    ...(voicing && method === "yin"
      ? [{ path: ["voicing"], message: "yin knows nothing of voicing", hint: "Set method: pyin." }]
      : []),
  ],
  examples: [{ title: "a voice, with voicing", with: { f_min: 65, f_max: 400, frame_length: 1024, voicing: true } }],
  apply: (batch, params, context) => {
    const signal = monoOf(batch);
    const rate = rateOf(batch);
    const width = params.voicing ? 3 : 1;
    if (rate === null) return batch.with({ series: seriesOf(0, width, () => new Float32Array(), context) });
    const options: YinOptions = {
      sampleRate: rate,
      fMin: params.f_min,
      fMax: params.f_max,
      frameLength: params.frame_length,
      hopLength: params.hop_length ?? Math.max(1, Math.floor(params.frame_length / 4)),
      center: params.center,
      padMode: params.pad_mode,
    };
    checkRange(options);
    const scaled = (hz: number): number =>
      params.scale === "hertz" ? hz : hz === 0 ? 0 : Math.log2(hz / params.f_min);
    const track = (row: number): Float32Array => {
      const samples = signalOf(signal, row);
      if (params.method === "yin") return yin(samples, options, params.threshold).map(scaled);
      const { f0, voiced, probability } = pyin(samples, options);
      const out = new Float32Array(f0.length * width);
      for (let t = 0; t < f0.length; t++) {
        out[t * width] = scaled(voiced[t] === 1 || params.unvoiced === "keep" ? f0[t] : 0);
        if (params.voicing) out.set([voiced[t], probability[t]], t * width + 1);
      }
      return out;
    };
    return batch.with({ series: seriesOf(batch.rows, width, track, context) });
  },
});

/** Two periods must fit into a frame, and periods must be of several samples. */
function checkRange(options: YinOptions): void {
  const { sampleRate, fMin, fMax, frameLength } = options;
  const [shortest, longest] = periodRange(options);
  if (Math.ceil(sampleRate / fMin) > longest) {
    throw fail("pitch-range", `a frame of ${frameLength} samples is too short for ${fMin} Hz at ${sampleRate} Hz`, {
      hint: `Set frame_length to at least ${2 * Math.ceil(sampleRate / fMin) + 2}, or raise f_min.`,
    });
  }
  if (shortest < 2 || longest - shortest < 3) {
    throw fail("pitch-range", `there is no room for a pitch from ${fMin} Hz to ${fMax} Hz at ${sampleRate} Hz`, {
      hint: `Set f_max to at most ${Math.floor(sampleRate / 3)} and f_min well below it.`,
    });
  }
}
