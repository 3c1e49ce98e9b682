import { widthOf } from "./width.js";

const HIDE_CURSOR = "\u001b[?25l";
const SHOW_CURSOR = "\u001b[?25h";

/** A terminal, or what stands for one in a test. */
export interface Screen {
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
  write(text: string): unknown;
}

/** The end of a terminal: lines that stay scroll up, the others are drawn again below them. */
export class Canvas {
  readonly #screen: Screen;
  #drawn: readonly string[] = [];
  #kept: string[] = [];
  #hidden = false;
  readonly #restore = (): void => {
    if (this.#hidden) this.#screen.write(SHOW_CURSOR);
    this.#hidden = false;
  };

  constructor(screen: Screen) {
    this.#screen = screen;
    process.once("exit", this.#restore);
  }

  /** The width to draw in. */
  get columns(): number {
    return Math.max(20, this.#screen.columns ?? 80);
  }

  /** A line that will stay, once {@link draw} is called. */
  keep(line: string): void {
    this.#kept.push(line);
  }

  /** Replaces the lines that are drawn; where there are more than rows, the last ones are seen. */
  draw(lines: readonly string[]): void {
    const columns = this.columns;
    const shown = lines.slice(-Math.max(1, (this.#screen.rows ?? 24) - 1));
    if (shown.length === 0 && this.#kept.length === 0 && this.#drawn.length === 0) return;
    const cursor =
      shown.length > 0 && !this.#hidden ? HIDE_CURSOR : shown.length === 0 && this.#hidden ? SHOW_CURSOR : "";
    this.#hidden = shown.length > 0;
    const kept = this.#kept.map((line) => `${line}\n`).join("");
    this.#screen.write(`${this.#erase(columns)}${kept}${shown.join("\n")}${cursor}`);
    this.#drawn = shown;
    this.#kept = [];
  }

  /** Leaves the terminal as it was, below what stays. */
  close(): void {
    this.draw([]);
    this.#restore();
    process.removeListener("exit", this.#restore);
  }

  /** How many rows the drawn lines take now: after the window got narrower, a line takes more than one. */
  #erase(columns: number): string {
    if (this.#drawn.length === 0) return "";
    const rows = this.#drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(widthOf(line) / columns)), 0);
    return `\r${rows > 1 ? `\u001b[${rows - 1}A` : ""}\u001b[J`;
  }
}
