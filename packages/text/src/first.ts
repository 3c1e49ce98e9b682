/** The first `count` items in an order, in one pass: of a vocabulary a few words are shown, and sorting all would take longer than to count them. */
export function firstOf<T>(items: Iterable<T>, count: number, compare: (a: T, b: T) => number): T[] {
  const first: T[] = [];
  for (const item of items) {
    if (first.length === count && (count === 0 || compare(item, first[count - 1]) >= 0)) continue;
    let at = Math.min(first.length, count - 1);
    while (at > 0 && compare(item, first[at - 1]) < 0) {
      first[at] = first[at - 1];
      at--;
    }
    first[at] = item;
  }
  return first;
}
