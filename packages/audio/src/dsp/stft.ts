import { type RealTransform, realTransform } from "./fourier.js";
import { kernels } from "./kernels.js";
import { copyPadded, type PadMode } from "./padding.js";
import { type WindowShape, windowOf } from "./windows.js";

/** Geometry of a short-time Fourier transform; all lengths in samples. */
export interface StftOptions {
  /** Length of the transform: even, factors 2, 3 and 5. */
  readonly nFft: number;
  readonly hopLength: number;
  /** Length of the window, at most nFft; it stands in the middle of the frame. */
  readonly winLength: number;
  readonly window: WindowShape;
  /** Whether the window is symmetric instead of periodic. */
  readonly symmetric?: boolean;
  /** Whether frame t is centred at sample t hop, the signal being padded by nFft / 2 on both sides. */
  readonly center: boolean;
  readonly padMode: PadMode;
}

/** What is kept of a bin. */
export type SpectrumKind = "complex" | "magnitude" | "power";

const KINDS: Readonly<Record<SpectrumKind, number>> = { complex: 0, magnitude: 1, power: 2 };

/** Frames that go through the kernels at once: few enough for the processor's cache. */
const BLOCK = 64;

/** A block of frames in the memory of the kernels; `at` points to `[frames, width]` float32 numbers. */
export interface SpectrumBlock {
  readonly at: number;
  readonly first: number;
  readonly frames: number;
}

/** Short-time Fourier transform of one geometry. */
export class Stft {
  readonly options: StftOptions;
  readonly bins: number;
  readonly #transform: RealTransform;
  readonly #window: number;

  constructor(options: StftOptions) {
    this.options = options;
    this.#transform = realTransform(options.nFft);
    this.bins = this.#transform.bins;
    this.#window = keptWindow(options);
  }

  /** Number of frames of a signal. At least one: a signal shorter than a frame is filled up with zeros. */
  frames(samples: number): number {
    const { nFft, hopLength, center } = this.options;
    return 1 + Math.floor((center ? samples : Math.max(samples - nFft, 0)) / hopLength);
  }

  /** Values per frame: bins, or twice as many for complex spectra (real parts, then imaginary parts). */
  width(kind: SpectrumKind): number {
    return kind === "complex" ? 2 * this.bins : this.bins;
  }

  /** The spectra of a signal, `[frames, width]`. */
  run(signal: Float32Array, kind: SpectrumKind): Float32Array {
    const width = this.width(kind);
    const out = new Float32Array(this.frames(signal.length) * width);
    this.eachBlock(signal, kind, 0, ({ at, first, frames }) => {
      out.set(kernels().floats(at, frames * width), first * width);
    });
    return out;
  }

  /**
   * Gives the spectra block by block, as they lie in the memory of the kernels.
   * @param room bytes beside them that `use` may write to, behind the block: see `spare`.
   */
  eachBlock(
    signal: Float32Array,
    kind: SpectrumKind,
    room: number,
    use: (block: SpectrumBlock, spare: number) => void,
  ): void {
    const { nFft, hopLength, center, padMode } = this.options;
    const memory = kernels();
    const { plan, turns, scratch } = this.#transform;
    const total = this.frames(signal.length);
    const lead = center ? nFft / 2 : 0;
    const most = Math.min(BLOCK, total);
    const span = (most - 1) * hopLength + nFft;
    const [samples, at, spare] = memory.work(4 * span, 4 * most * this.width(kind), room);
    for (let first = 0; first < total; first += BLOCK) {
      const frames = Math.min(BLOCK, total - first);
      const view = memory.floats(samples, (frames - 1) * hopLength + nFft);
      copyPadded(signal, first * hopLength - lead, view, center ? padMode : "constant");
      memory.run.spectra(plan, turns, scratch, samples, frames, nFft, hopLength, this.#window, at, KINDS[kind]);
      use({ at, first, frames }, spare);
    }
  }

  /**
   * Inverse of {@link run} for complex spectra: overlap-add, divided by the sum of the squared windows (Griffin and Lim 1984,
   * equation 6: the signal whose transform is nearest to the spectra).
   * @param length samples to give; default as many as the frames cover.
   */
  inverse(spectra: Float32Array, length?: number): Float32Array {
    const { nFft, hopLength, center } = this.options;
    const frames = spectra.length / (2 * this.bins);
    const lead = center ? nFft / 2 : 0;
    const covered = (frames - 1) * hopLength + nFft;
    const out = new Float32Array(length ?? Math.max(covered - 2 * lead, 0));
    const memory = kernels();
    const { plan, turns, scratch } = this.#transform;
    const span = (Math.min(BLOCK, frames) - 1) * hopLength + nFft;
    const [source, sum] = memory.work(4 * Math.min(BLOCK, frames) * 2 * this.bins, 4 * span);
    const window = memory.floats(this.#window, nFft).slice();
    const weight = new Float32Array(out.length);
    for (let first = 0; first < frames; first += BLOCK) {
      const count = Math.min(BLOCK, frames - first);
      const width = (count - 1) * hopLength + nFft;
      memory
        .floats(source, count * 2 * this.bins)
        .set(spectra.subarray(first * 2 * this.bins, (first + count) * 2 * this.bins));
      const part = memory.floats(sum, width).fill(0);
      memory.run.inverseFrames(plan, turns, scratch, source, count, nFft, hopLength, this.#window, sum);
      addAt(out, part, first * hopLength - lead);
      for (let frame = first; frame < first + count; frame++) addSquares(weight, window, frame * hopLength - lead);
    }
    for (let i = 0; i < out.length; i++) if (weight[i] > LEAST_WEIGHT) out[i] /= weight[i];
    return out;
  }
}

/** Where the windows add up to less than this, nothing is known of the signal. */
const LEAST_WEIGHT = 1e-10;

function addAt(target: Float32Array, values: Float32Array, start: number): void {
  const end = Math.min(values.length, target.length - start);
  for (let i = Math.max(0, -start); i < end; i++) target[start + i] += values[i];
}

function addSquares(target: Float32Array, values: Float32Array, start: number): void {
  const end = Math.min(values.length, target.length - start);
  for (let i = Math.max(0, -start); i < end; i++) target[start + i] += values[i] * values[i];
}

const windows = new Map<string, number>();

function keptWindow({ window, winLength, nFft, symmetric = false }: StftOptions): number {
  const name = `${window} ${winLength} ${nFft} ${symmetric}`;
  let at = windows.get(name);
  if (at === undefined) {
    at = kernels().keep(4 * nFft + 16);
    kernels()
      .floats(at, nFft)
      .set(windowOf(window, winLength, nFft, symmetric));
    windows.set(name, at);
  }
  return at;
}
