/** How one sequence becomes another with the fewest edits. */
export interface Edits {
  /** All three together. */
  readonly edits: number;
  readonly substitutions: number;
  /** Items of the wanted sequence that are missing. */
  readonly deletions: number;
  /** Items that are too many. */
  readonly insertions: number;
}

/**
 * The edit distance (Levenshtein 1966; by the table of Wagner and Fischer 1974), and of which edits it is made up. Where several
 * ways are shortest, substitutions come before deletions before insertions.
 */
export function editDistance<T>(wanted: ArrayLike<T>, given: ArrayLike<T>): Edits {
  const width = given.length + 1;
  const table = new Int32Array((wanted.length + 1) * width);
  for (let j = 0; j < width; j++) table[j] = j;
  for (let i = 1; i <= wanted.length; i++) {
    table[i * width] = i;
    for (let j = 1; j < width; j++) {
      const changed = table[(i - 1) * width + j - 1] + (wanted[i - 1] === given[j - 1] ? 0 : 1);
      table[i * width + j] = Math.min(changed, table[(i - 1) * width + j] + 1, table[i * width + j - 1] + 1);
    }
  }
  let [substitutions, deletions, insertions] = [0, 0, 0];
  let [i, j] = [wanted.length, given.length];
  while (i > 0 || j > 0) {
    const here = table[i * width + j];
    const same = i > 0 && j > 0 && wanted[i - 1] === given[j - 1];
    if (i > 0 && j > 0 && here === table[(i - 1) * width + j - 1] + (same ? 0 : 1)) {
      if (!same) substitutions++;
      i--;
      j--;
    } else if (i > 0 && here === table[(i - 1) * width + j] + 1) {
      deletions++;
      i--;
    } else {
      insertions++;
      j--;
    }
  }
  return { edits: substitutions + deletions + insertions, substitutions, deletions, insertions };
}
