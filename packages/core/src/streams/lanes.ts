/** @file Many pieces of work on the cores that happen to be free. */

/** Takes a core that nobody uses; null when there is none. Gives what gives it back. */
export type Lend = () => (() => void) | null;

/**
 * Calls `compute` for every place from `start` to `count`, in order, several at a time: one on the core that the caller has,
 * others on cores that are lent to it. After a failure nothing new is started, and what came before it is awaited: the
 * failure of the lowest place is the one that is thrown, however many cores there are.
 */
export async function inLanes(
  start: number,
  count: number,
  lend: Lend,
  compute: (place: number) => Promise<void>,
): Promise<void> {
  let next = start;
  const failures: { readonly place: number; readonly error: unknown }[] = [];
  const lanes = new Set<Promise<void>>();
  const lane = async (release: () => void): Promise<void> => {
    try {
      while (next < count && failures.length === 0) {
        const place = next++;
        widen();
        try {
          await compute(place);
        } catch (error) {
          failures.push({ place, error });
        }
      }
    } finally {
      release();
    }
  };
  /** Another lane, if there is work for it and a core. */
  const widen = (): void => {
    const release = next < count && failures.length === 0 ? lend() : null;
    if (release === null) return;
    const other = lane(release);
    lanes.add(other);
    void other.then(() => lanes.delete(other));
  };
  await lane(() => {});
  while (lanes.size > 0) await Promise.all(lanes);
  const [first] = failures.sort((a, b) => a.place - b.place);
  if (first !== undefined) throw first.error;
}
