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

/** The candidate that was most likely meant, or undefined when none is near: at most a third of the letters differ. */
export function closest(name: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < least) {
      best = candidate;
      least = distance;
    }
  }
  return least <= Math.max(2, Math.floor(name.length / 3)) ? best : undefined;
}

/** `Did you mean "x"?` or, when nothing is near, what there is. */
export function didYouMean(name: string, candidates: readonly string[], noun: string): string {
  const near = closest(name, candidates);
  if (near !== undefined) return `Did you mean "${near}"?`;
  if (candidates.length === 0) return `There is no ${noun} to choose from.`;
  const shown = candidates.slice(0, 12).join(", ");
  return `Valid ${noun}${noun.endsWith("s") ? "es" : "s"}: ${shown}${candidates.length > 12 ? `, … (${candidates.length} in all)` : ""}.`;
}
