import { describe, expect, it } from "vitest";
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

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe("work in lanes", () => {
  it.each([0, 1, 3, 50])("is done once for every place, with %i cores lent, and gives them back", async (count) => {
    const { state, lend } = cores(count);
    const places: number[] = [];
    await inLanes(2, 30, lend, async (place) => {
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
    const work = inLanes(0, 1000, lend, async (place) => {
      last = Math.max(last, place);
      await pause(place === 1 ? 30 : 5);
      if (place === 1 || place === 2) throw new Error(`place ${place}`);
    });
    await expect(work).rejects.toThrow("place 1");
    expect(last).toBeLessThan(10);
    expect(state.free).toBe(2);
  });
});
