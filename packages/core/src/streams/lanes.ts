/** @file Many pieces of work on the cores that happen to be free. */

/** Takes a core that nobody uses; null when there is none. Gives what gives it back. */
export type Lend = () => (() => void) | null;

/** The cores that work goes on. */
export interface Cores {
  /** When the one that the caller has is free. */
  readonly own: Promise<unknown>;
  readonly lend: Lend;
}

/**
 * Calls `compute` for every place from `start` on that there is, in order, several at a time: on the core that the caller has,
 * and on cores that are lent to it. After a failure nothing new is started, and what came before it is awaited: the
 * failure of the lowest place is the one that is thrown, however many cores there are.
 * @param has whether there is such a place, perhaps as soon as that is known
 */
export async function inLanes(
  start: number,
  has: (place: number) => boolean | Promise<boolean>,
  { own, lend }: Cores,
  compute: (place: number) => Promise<void>,
): Promise<void> {
  const failures: { readonly place: number; readonly error: unknown }[] = [];
  const running = new Set<Promise<void>>();
  let free = false;
  let waiting: readonly Promise<void>[] = [
    own.then(() => {
      free = true;
      waiting = [];
    }),
  ];
  const take = (): (() => void) | null => {
    if (!free) return lend();
    free = false;
    return () => {
      free = true;
    };
  };
  const perform = async (place: number, release: () => void): Promise<void> => {
    try {
      await compute(place);
    } catch (error) {
      failures.push({ place, error });
    } finally {
      release();
    }
  };
  for (let place = start; failures.length === 0 && (await has(place)); place++) {
    let release = take();
    for (; release === null; release = take()) await Promise.race([...waiting, ...running]);
    if (failures.length > 0) {
      release();
      break;
    }
    const one = perform(place, release).then(() => void running.delete(one));
    running.add(one);
  }
  while (running.size > 0) await Promise.all(running);
  const [first] = failures.sort((a, b) => a.place - b.place);
  if (first !== undefined) throw first.error;
}
