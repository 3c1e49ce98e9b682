/** How well one class was found. */
export interface ClassScores {
  /** Of the rows that were given this class, the share that has it; 0 when there were none. */
  readonly precision: number;
  /** Of the rows that have this class, the share that was given it; 0 when there are none. */
  readonly recall: number;
  /** The harmonic mean of the two. */
  readonly f1: number;
  /** Rows that have this class. */
  readonly support: number;
}

/** Scores of a classifier. */
export interface ClassificationScores {
  readonly accuracy: number;
  readonly perClass: readonly ClassScores[];
  /** Means over the classes that occur, each class counting alike. */
  readonly macro: Omit<ClassScores, "support">;
  /** Of all decisions together: with one class per row the three are equal to the accuracy. */
  readonly micro: Omit<ClassScores, "support">;
}

/** Precision, recall and F1 from a confusion matrix `counts[actual][predicted]`, by class, macro and micro. */
export function classificationScores(counts: readonly (readonly number[])[]): ClassificationScores {
  const places = counts.map((_, place) => place);
  const actual = counts.map(sum);
  const predicted = places.map((place) => sum(counts.map((row) => row[place])));
  const total = sum(actual);
  const correct = sum(places.map((place) => counts[place][place]));
  const perClass = places.map((place): ClassScores => {
    const precision = ratio(counts[place][place], predicted[place]);
    const recall = ratio(counts[place][place], actual[place]);
    return { precision, recall, f1: harmonic(precision, recall), support: actual[place] };
  });
  // A class that is neither there nor predicted says nothing.
  const occurring = perClass.filter((_, place) => actual[place] + predicted[place] > 0);
  const mean = (pick: (scores: ClassScores) => number): number => ratio(sum(occurring.map(pick)), occurring.length);
  const share = ratio(correct, total);
  return {
    accuracy: share,
    perClass,
    macro: { precision: mean((one) => one.precision), recall: mean((one) => one.recall), f1: mean((one) => one.f1) },
    micro: { precision: share, recall: share, f1: share },
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

function harmonic(a: number, b: number): number {
  return a + b === 0 ? 0 : (2 * a * b) / (a + b);
}
