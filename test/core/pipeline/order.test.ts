import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { topologicalOrder } from "../../../packages/core/dist/pipeline/order.js";

/** Random acyclic graphs, shuffled: node i may need nodes before it. */
const graphs = fc
  .integer({ min: 0, max: 30 })
  .chain((size) =>
    fc.tuple(
      fc.array(fc.array(fc.nat({ max: 1000 }), { maxLength: 4 }), { minLength: size, maxLength: size }),
      fc.shuffledSubarray(
        Array.from({ length: size }, (_, i) => i),
        { minLength: size },
      ),
    ),
  )
  .map(([needs, order]) =>
    order.map((i) => ({ name: `n${i}`, needs: i === 0 ? [] : needs[i].map((need) => `n${need % i}`) })),
  );

describe("topologicalOrder", () => {
  it("puts every node after what it needs, and loses none", () => {
    fc.assert(
      fc.property(graphs, (nodes) => {
        const { order, cycles } = topologicalOrder(nodes);
        const place = new Map(order.map((name, i) => [name, i]));
        expect(cycles).toEqual([]);
        expect([...order].sort()).toEqual(nodes.map((node) => node.name).sort());
        for (const { name, needs } of nodes)
          for (const need of needs) expect(place.get(need)).toBeLessThan(place.get(name)!);
      }),
    );
  });

  it("keeps the order of the file among those that are ready", () => {
    const nodes = ["d", "b", "a", "c"].map((name) => ({ name, needs: [] }));
    expect(topologicalOrder(nodes).order).toEqual(["d", "b", "a", "c"]);
  });

  it("names a cycle from its start back to it, and orders what does not hang on it", () => {
    const { order, cycles } = topologicalOrder([
      { name: "a", needs: ["c"] },
      { name: "b", needs: ["a"] },
      { name: "c", needs: ["b"] },
      { name: "free", needs: [] },
      { name: "behind", needs: ["a"] },
    ]);
    expect(order).toEqual(["free"]);
    expect(cycles).toEqual([["a", "c", "b", "a"]]);
  });

  it("sees a stage that needs itself", () => {
    expect(topologicalOrder([{ name: "a", needs: ["a"] }]).cycles).toEqual([["a", "a"]]);
  });

  it("orders 20,000 nodes in a chain without recursion", () => {
    const nodes = Array.from({ length: 20_000 }, (_, i) => ({ name: `n${i}`, needs: i === 0 ? [] : [`n${i - 1}`] }));
    expect(topologicalOrder(nodes.reverse()).order[19_999]).toBe("n19999");
  });
});
