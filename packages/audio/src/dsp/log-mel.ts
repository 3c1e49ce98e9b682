import { bankOf, type FilterBank } from "./filter-bank.js";
import { kernels } from "./kernels.js";
import { type MelOptions, melFilters } from "./mel.js";
import { Stft, type StftOptions } from "./stft.js";

/** y = scale ln(max(x, least) + offset); null: y = x. */
export interface Logarithm {
  readonly scale: number;
  readonly least: number;
  readonly offset: number;
}

/** 10 log10(max(x, 1e-10)): decibels of a power. */
export const DECIBELS: Logarithm = { scale: 10 / Math.LN10, least: 1e-10, offset: 0 };

/** Power spectra through a bank of filters, and then, maybe, a logarithm. */
export class BandSpectra {
  readonly stft: Stft;
  readonly #bank: FilterBank;
  readonly #logarithm: Logarithm | null;

  constructor(stft: StftOptions, bank: FilterBank, logarithm: Logarithm | null) {
    this.stft = new Stft(stft);
    this.#bank = bank;
    this.#logarithm = logarithm;
  }

  /** `[frames, filters]`. */
  run(signal: Float32Array): Float32Array {
    const width = this.#bank.filters;
    const out = new Float32Array(this.stft.frames(signal.length) * width);
    const room = 4 * Math.min(64, this.stft.frames(signal.length)) * width;
    const memory = kernels();
    this.stft.eachBlock(signal, "power", room, ({ at, first, frames }, spare) => {
      memory.run.applyBank(at, frames, this.stft.bins, this.#bank.at, width, spare);
      if (this.#logarithm !== null) {
        const { scale, least, offset } = this.#logarithm;
        memory.run.logarithm(spare, frames * width, scale, least, offset);
      }
      out.set(memory.floats(spare, frames * width), first * width);
    });
    return out;
  }
}

/** Mel spectra of one geometry. */
export class MelSpectra extends BandSpectra {
  constructor(stft: StftOptions, mel: MelOptions, logarithm: Logarithm | null) {
    super(
      stft,
      bankOf(`mel ${JSON.stringify(mel)}`, () => melFilters(mel)),
      logarithm,
    );
  }
}
