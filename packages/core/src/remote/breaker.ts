/** How long failures are remembered, and how long nothing is asked after too many: milliseconds. */
const WINDOW = 30_000;
/** Failures within the window that open the circuit. */
const MOST = 3;

/**
 * A circuit breaker: after three failures within 30 s nothing is asked for 30 s, then one request tries again. A remote
 * cache that is down costs a run three timeouts and not one for each stage.
 */
export class Breaker {
  readonly #now: () => number;
  #failures: number[] = [];
  #openUntil = Number.NEGATIVE_INFINITY;
  #opened = 0;

  /** @param now a clock in milliseconds */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** How often it opened. */
  get opened(): number {
    return this.#opened;
  }

  /** Whether something may be asked now. While it is half open, the one who asks decides by how it goes. */
  allows(): boolean {
    return this.#now() >= this.#openUntil;
  }

  /** Counts a failure. True when it opened the circuit. */
  failed(): boolean {
    const now = this.#now();
    // After a pause, one more failure is enough.
    const probing = this.#openUntil > Number.NEGATIVE_INFINITY;
    this.#failures = [...this.#failures.filter((time) => now - time < WINDOW), now];
    if (!probing && this.#failures.length < MOST) return false;
    this.#openUntil = now + WINDOW;
    this.#opened++;
    return true;
  }

  succeeded(): void {
    this.#failures = [];
    this.#openUntil = Number.NEGATIVE_INFINITY;
  }
}
