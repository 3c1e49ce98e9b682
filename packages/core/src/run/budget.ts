interface Waiting {
  readonly weight: number;
  readonly order: number;
  readonly start: () => void;
}

/** Shares processor cores out: what asks for all of them runs alone, what asks for less runs beside others. */
export class Budget {
  readonly cores: number;
  /** What "all" stands for. */
  readonly #all: number;
  #used = 0;
  #waiting: Waiting[] = [];

  /** @param atOnce how many stages that ask for all cores run side by side, each with its part of them. */
  constructor(cores: number, atOnce = 1) {
    this.cores = Math.max(1, Math.floor(cores));
    this.#all = Math.max(1, Math.floor(this.cores / atOnce));
  }

  /**
   * Waits for cores. A small request may pass a large one that does not fit yet: cores must not idle, and since a pipeline
   * ends, the large one gets its turn.
   * @param order among those that wait, the least comes first.
   * @returns gives the cores back.
   */
  async acquire(cpu: number | "all", order: number): Promise<() => void> {
    const weight = cpu === "all" ? this.#all : Math.min(Math.max(cpu, 0), this.cores);
    await new Promise<void>((start) => {
      this.#waiting.push({ weight, order, start });
      this.#waiting.sort((a, b) => a.order - b.order);
      this.#startWhatFits();
    });
    return () => {
      this.#used -= weight;
      this.#startWhatFits();
    };
  }

  /** A core that nobody uses or waits for, at once; null when there is none. Returns what gives it back. */
  lend(): (() => void) | null {
    if (this.#used + 1 > this.cores || this.#waiting.length > 0) return null;
    this.#used += 1;
    return () => {
      this.#used -= 1;
      this.#startWhatFits();
    };
  }

  #startWhatFits(): void {
    this.#waiting = this.#waiting.filter(({ weight, start }) => {
      if (this.#used + weight > this.cores) return true;
      this.#used += weight;
      start();
      return false;
    });
  }
}
