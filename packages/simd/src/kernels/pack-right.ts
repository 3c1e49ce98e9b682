import type { Runtime } from "../runtime.js";
import { Stretch, Task } from "../tasks.js";

/** Right operands of matrix products [depth, lines] in memory, by their address. */
export interface RightOperand {
  readonly source: number;
  readonly lines: number;
  readonly depth: number;
  /** Bytes from a line to the next, and from one entry of a line to the next. */
  readonly lineBytes: number;
  readonly depthBytes: number;
  readonly matrices: number;
  readonly matrixBytes: number;
}

/** Bytes of one such operand once it is packed. */
export function packedRightBytes(lines: number, depth: number): number {
  return Math.ceil(lines / 8) * depth * 32;
}

/** Packs right operands into panels of 8 lines, [matrix][panel][depth][8]. */
export function packRight(runtime: Runtime, target: number, of: RightOperand): void {
  const panels = Math.ceil(of.lines / 8);
  const all = panels * of.matrices;
  const perChunk = Math.ceil(Stretch.unary / (of.depth * 8));
  const task = [of.source, target, of.lines, of.depth, of.lineBytes, of.depthBytes, of.matrixBytes];
  runtime.run(Task.packRight, Math.ceil(all / perChunk), all * 8 * of.depth, [...task, panels, perChunk, all]);
}
