import { describe, expect, it } from "vitest";
import { Growing } from "../../../packages/core/dist/streams/growing.js";
import { inLanes } from "../../../packages/core/dist/streams/lanes.js";

/** Lends so many cores at a time, and knows how many are out. */
function cores(count: number) {
  const state = { free: count, least: count };
  return {
    state,
    lend: () => {
      if (state.free === 0) return null;
      state.free--;
      state.least = Math.min(state.least, state.free);
      return () => void state.free++;
    },
  };
}

const own = Promise.resolve();
const below = (count: number) => (place: number) => place < count;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe("work in lanes", () => {
  it.each([0, 1, 3, 50])("is done once for every place, with %i cores lent, and gives them back", async (count) => {
    const { state, lend } = cores(count);
    const places: number[] = [];
    await inLanes(2, below(30), { own, lend }, async (place) => {
      places.push(place);
      await pause(place % 3);
    });
    expect(places.sort((a, b) => a - b)).toEqual(Array.from({ length: 28 }, (_, i) => i + 2));
    expect(state.free).toBe(count);
    if (count > 0) expect(state.least).toBeLessThan(count);
  });

  it("throws the failure of the lowest place, though a later one fails first, and starts nothing more", async () => {
    const { state, lend } = cores(2);
    let last = 0;
    const work = inLanes(0, below(1000), { own, lend }, async (place) => {
      last = Math.max(last, place);
      await pause(place === 1 ? 30 : 5);
      if (place === 1 || place === 2) throw new Error(`place ${place}`);
    });
    await expect(work).rejects.toThrow("place 1");
    expect(last).toBeLessThan(10);
    expect(state.free).toBe(2);
  });

  it("goes on lent cores while its own is busy, and waits for that where none is lent", async () => {
    for (const count of [0, 1]) {
      const { state, lend } = cores(count);
      let free = (): void => {};
      const busy = new Promise<void>((resolve) => {
        free = resolve;
      });
      const places: number[] = [];
      const work = inLanes(0, below(5), { own: busy, lend }, async (place) => {
        places.push(place);
        await pause(0);
        // The own core becomes free only when the lent one has done its part.
        if (places.length === 3) free();
      });
      if (count === 0) {
        await pause(5);
        expect(places).toEqual([]);
        free();
      }
      await work;
      expect(places).toEqual([0, 1, 2, 3, 4]);
      expect(state.free).toBe(count);
    }
  });

  it("takes up what becomes known, in order, and ends when there is no more", async () => {
    const list = new Growing<number>();
    const places: number[] = [];
    const { lend } = cores(2);
    const work = inLanes(
      0,
      (place) => list.has(place),
      { own, lend },
      async (place) => void places.push(list.items[place]),
    );
    for (const items of [[10], [], [11, 12]]) {
      await pause(0);
      list.add(items);
    }
    await pause(0);
    list.end();
    await work;
    expect(places).toEqual([10, 11, 12]);
  });

  it("starts nothing of a list that was given up", async () => {
    const list = new Growing<number>();
    list.add([1, 2]);
    list.giveUp();
    await inLanes(
      0,
      (place) => list.has(place),
      { own, lend: () => null },
      () => Promise.reject(new Error("started")),
    );
  });
});
