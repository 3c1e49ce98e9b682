/**
 * Ends waiting: when nothing came for a while, when all of it takes too long, or when the caller wants no more. The reason
 * of its signal says which.
 */
export class Deadline {
  readonly #controller = new AbortController();
  readonly #caller: AbortSignal;
  readonly #idle: NodeJS.Timeout;
  #total: NodeJS.Timeout | undefined;
  readonly #late: (what: string) => Error;
  readonly #onAbort = (): void => this.#controller.abort(this.#caller.reason);

  /**
   * @param idle milliseconds without a byte
   * @param late what to say then
   */
  constructor(caller: AbortSignal, idle: number, late: (what: string) => Error) {
    this.#caller = caller;
    this.#late = late;
    this.#idle = setTimeout(() => this.#controller.abort(late(`nothing came for ${idle / 1000} s`)), idle);
    if (caller.aborted) this.#onAbort();
    else caller.addEventListener("abort", this.#onAbort, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Something came. */
  touch(): void {
    this.#idle.refresh();
  }

  /** No more than this from now on, however busy it is: milliseconds. */
  within(total: number): void {
    clearTimeout(this.#total);
    this.#total = setTimeout(() => this.#controller.abort(this.#late("it is too slow to be of use")), total);
  }

  close(): void {
    clearTimeout(this.#idle);
    clearTimeout(this.#total);
    this.#caller.removeEventListener("abort", this.#onAbort);
  }
}
