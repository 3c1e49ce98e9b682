/** A list that grows while it is being read. */
export class Growing<T> {
  readonly items: T[] = [];
  #complete = false;
  #given = true;
  #waiting: (() => void)[] = [];

  /** Whether nothing more will come. */
  get complete(): boolean {
    return this.#complete;
  }

  add(items: readonly T[]): void {
    for (const item of items) this.items.push(item);
    this.#wake();
  }

  end(): void {
    this.#complete = true;
    this.#wake();
  }

  /** Nothing of it is to be read any more, whoever waits for what. */
  giveUp(): void {
    this.#given = false;
    this.end();
  }

  /** Whether there is something at a place, as soon as that is known. */
  async has(place: number): Promise<boolean> {
    while (place >= this.items.length && !this.#complete) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    return this.#given && place < this.items.length;
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
