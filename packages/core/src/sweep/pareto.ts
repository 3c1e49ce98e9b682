import { lowerIsBetter } from "../run/measures.js";

/** A measure to make large or small. */
export interface Objective {
  readonly name: string;
  readonly lower: boolean;
}

/** An objective by its name: accuracy is to be large, loss and seconds small. */
export function objectiveOf(name: string): Objective {
  return { name, lower: lowerIsBetter(name) };
}

/**
 * Which rows no other row beats: none is at least as good in every objective and better in one. Rows that lack a value, or
 * whose value is no number, are not among them.
 */
export function paretoFront(
  rows: readonly Readonly<Record<string, unknown>>[],
  objectives: readonly Objective[],
): boolean[] {
  const scores = rows.map((row) => scoresOf(row, objectives));
  return scores.map((own) => own !== null && !scores.some((other) => other !== null && beats(other, own)));
}

function scoresOf(row: Readonly<Record<string, unknown>>, objectives: readonly Objective[]): number[] | null {
  const scores = objectives.map(({ name, lower }) => {
    const value = row[name];
    return typeof value === "number" && Number.isFinite(value) ? (lower ? -value : value) : null;
  });
  return scores.includes(null) ? null : (scores as number[]);
}

function beats(a: readonly number[], b: readonly number[]): boolean {
  return a.every((value, i) => value >= b[i]) && a.some((value, i) => value > b[i]);
}
