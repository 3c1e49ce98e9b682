/** Edit distance of two strings, with neighbouring letters swapped counted once (Damerau 1964, restricted form). */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      row[j] = Math.min(row[j - 1] + 1, last[j] + 1, last[j - 1] + change);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length];
}

/** Longer texts are no misspelt names; comparing them would take minutes. */
const LONGEST = 200;

/**
 * The candidate that was most likely meant, or undefined when none is near: at most a third of the letters differ (one, of
 * a name of two or three letters), or it is an abbreviation, such as `mdl` of `model`.
 */
export function closest(name: string, candidates: Iterable<string>): string | undefined {
  if (name.length > LONGEST) return undefined;
  const wanted = name.toLowerCase();
  let best: string | undefined;
  let least = Number.POSITIVE_INFINITY;
  let abbreviated: string | undefined;
  for (const candidate of candidates) {
    const other = candidate.toLowerCase();
    const distance = editDistance(wanted, other);
    if (distance < least) {
      best = candidate;
      least = distance;
    }
    if (abbreviated === undefined && isAbbreviation(wanted, other)) abbreviated = candidate;
  }
  const near = wanted.length < 2 ? 0 : Math.max(1, Math.floor(wanted.length / 3));
  return least <= near ? best : abbreviated;
}

/** Whether the letters of `short`, at least two, come in this order in `long`, and both begin alike. */
function isAbbreviation(short: string, long: string): boolean {
  if (short.length < 2 || short.length >= long.length || short[0] !== long[0]) return false;
  let at = 0;
  for (const letter of long) if (letter === short[at]) at++;
  return at === short.length;
}

/** `Did you mean "x"?` or, when nothing is near, what there is. */
export function didYouMean(name: string, candidates: readonly string[], noun: string): string {
  const near = closest(name, candidates);
  if (near !== undefined) return `Did you mean "${near}"?`;
  if (candidates.length === 0) return `There is no ${noun} to choose from.`;
  const shown = candidates.slice(0, 12).join(", ");
  return `Valid ${noun}${noun.endsWith("s") ? "es" : "s"}: ${shown}${candidates.length > 12 ? `, … (${candidates.length} in all)` : ""}.`;
}
