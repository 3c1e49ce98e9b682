/** What an order needs to know of a node. */
export interface Dependent {
  readonly name: string;
  readonly needs: readonly string[];
}

/**
 * The nodes so that each comes after what it needs; among those that are ready, in the order given. Also the cycles, each as a list of
 * names that ends where it began; nodes on or behind a cycle are not in the order.
 */
export function topologicalOrder(nodes: readonly Dependent[]): { order: string[]; cycles: string[][] } {
  const known = new Map(nodes.map((node) => [node.name, node]));
  const waiting = new Map<string, number>();
  const consumers = new Map<string, string[]>();
  for (const node of nodes) {
    const needs = [...new Set(node.needs)].filter((name) => known.has(name));
    waiting.set(node.name, needs.length);
    for (const need of needs) consumers.set(need, [...(consumers.get(need) ?? []), node.name]);
  }
  const place = new Map(nodes.map((node, i) => [node.name, i]));
  const ready = new ReadyQueue(
    nodes.filter((node) => waiting.get(node.name) === 0).map((node) => place.get(node.name)!),
  );
  const order: string[] = [];
  for (let next = ready.pop(); next !== undefined; next = ready.pop()) {
    const { name } = nodes[next];
    order.push(name);
    for (const consumer of consumers.get(name) ?? []) {
      const left = waiting.get(consumer)! - 1;
      waiting.set(consumer, left);
      if (left === 0) ready.push(place.get(consumer)!);
    }
  }
  const done = new Set(order);
  return { order, cycles: findCycles(nodes.filter((node) => !done.has(node.name))) };
}

/** A binary heap of places, so that 10,000 stages order in n log n. */
class ReadyQueue {
  readonly #heap: number[] = [];

  constructor(places: readonly number[]) {
    for (const place of places) this.push(place);
  }

  push(place: number): void {
    const heap = this.#heap;
    let at = heap.push(place) - 1;
    while (at > 0 && heap[(at - 1) >> 1] > heap[at]) {
      const parent = (at - 1) >> 1;
      [heap[parent], heap[at]] = [heap[at], heap[parent]];
      at = parent;
    }
  }

  pop(): number | undefined {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return top;
    heap[0] = last;
    for (let at = 0; ; ) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2]) if (child < heap.length && heap[child] < heap[least]) least = child;
      if (least === at) return top;
      [heap[least], heap[at]] = [heap[at], heap[least]];
      at = least;
    }
  }
}

/** One cycle for each group of nodes that need each other. */
function findCycles(nodes: readonly Dependent[]): string[][] {
  const left = new Map(nodes.map((node) => [node.name, node.needs]));
  const cycles: string[][] = [];
  const seen = new Set<string>();
  for (const start of left.keys()) {
    const trail: string[] = [];
    let at: string | undefined = start;
    while (at !== undefined && !seen.has(at)) {
      seen.add(at);
      trail.push(at);
      at = left.get(at)?.find((need) => left.has(need));
    }
    const from = at === undefined ? -1 : trail.indexOf(at);
    if (from >= 0) cycles.push([...trail.slice(from), at!]);
  }
  return cycles;
}
