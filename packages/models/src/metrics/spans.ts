/** An entity: tokens `start … end` (end not included) of one type. */
export interface Span {
  readonly type: string;
  readonly start: number;
  readonly end: number;
}

/** Whether tags name entities: `O`, `B-type` and `I-type`, with at least one type. */
export function areEntityTags(tags: readonly string[]): boolean {
  return tags.every((tag) => tag === "O" || /^[BI]-./.test(tag)) && tags.some((tag) => tag !== "O");
}

/**
 * The entities that tags in IOB2 say (Ramshaw and Marcus 1995; Tjong Kim Sang and Veenstra 1999), read as the evaluation script of
 * CoNLL-2000 to 2003 reads them: an entity begins with `B-`, and with an `I-` that does not continue one of its type.
 */
export function spansOf(tags: readonly (string | null)[]): Span[] {
  const spans: Span[] = [];
  let open: { type: string; start: number } | null = null;
  for (let at = 0; at <= tags.length; at++) {
    const tag = tags[at] ?? "O";
    const type = tag === "O" ? null : tag.slice(2);
    if (open !== null && (type !== open.type || tag.startsWith("B-"))) {
      spans.push({ ...open, end: at });
      open = null;
    }
    if (open === null && type !== null) open = { type, start: at };
  }
  return spans;
}

/** How many entities there are, how many were said, and how many of those are right: type and both ends. */
export interface SpanCounts {
  wanted: number;
  given: number;
  right: number;
}

/** Adds the entities of a row to the counts of their types. */
export function countSpans(counts: Map<string, SpanCounts>, wanted: readonly Span[], given: readonly Span[]): void {
  const of = (type: string): SpanCounts => {
    const known = counts.get(type) ?? { wanted: 0, given: 0, right: 0 };
    counts.set(type, known);
    return known;
  };
  const nameOf = ({ type, start, end }: Span): string => `${start} ${end} ${type}`;
  const said = new Set(given.map(nameOf));
  for (const span of wanted) {
    of(span.type).wanted++;
    if (said.has(nameOf(span))) of(span.type).right++;
  }
  for (const span of given) of(span.type).given++;
}
