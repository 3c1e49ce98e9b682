/** How far a backend was from the reference in a scenario. */
export interface Measured {
  readonly name: string;
  readonly weights: number;
  readonly loss: number;
  /** Of derivatives against finite differences; null where they were not taken. */
  readonly gradients: number | null;
}

/** What was measured, a line per scenario; the last line has their number and the largest differences. */
export function conformanceTable(backend: string, measured: readonly Measured[]): string {
  const name = Math.max(8, ...measured.map((one) => one.name.length));
  const line = (label: string, cells: readonly string[]): string =>
    `${label.padEnd(name)}${cells.map((cell) => cell.padStart(11)).join("")}\n`;
  const largest = (of: (one: Measured) => number): string => shown(Math.max(0, ...measured.map(of)));
  return [
    `\n${line("scenario", ["weights", "loss", "gradients"])}`,
    ...measured.map((one) => line(one.name, [one.weights, one.loss, one.gradients].map(shown))),
    line("largest", [largest((one) => one.weights), largest((one) => one.loss), largest((one) => one.gradients ?? 0)]),
    `${backend}: ${measured.length} scenarios\n\n`,
  ].join("");
}

function shown(value: number | null): string {
  return value === null ? "" : value === 0 ? "0" : value.toExponential(1);
}
