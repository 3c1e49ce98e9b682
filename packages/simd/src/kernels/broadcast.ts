/** How two arrays are walked together: at most four dimensions once neighbours that move alike are one. */
export interface Walk {
  readonly sizes: readonly number[];
  readonly a: readonly number[];
  readonly b: readonly number[];
}

/** Strides, in entries, of a dense array seen in a larger shape: 0 where it is repeated. */
function stepsOf(shape: readonly number[], rank: number): number[] {
  const steps = new Array<number>(rank).fill(0);
  let step = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    const size = shape[i] as number;
    if (size !== 1) steps[rank - shape.length + i] = step;
    step *= size;
  }
  return steps;
}

/** The shape of two arrays together (NumPy's rule). Throws when they do not fit. */
export function broadcastShape(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const left = a[a.length - rank + i] ?? 1;
    const right = b[b.length - rank + i] ?? 1;
    if (left !== right && left !== 1 && right !== 1) {
      throw new Error(`Operands could not be broadcast together with shapes ${a} and ${b}.`);
    }
    return left === 1 ? right : left;
  });
}

/** Joins dimensions of `shape` where every stride list moves alike. The result has at least `rank` dimensions. */
export function joinDimensions(
  shape: readonly number[],
  strides: readonly (readonly number[])[],
  rank: number,
): { readonly sizes: number[]; readonly strides: number[][] } {
  const sizes: number[] = [];
  const joined: number[][] = strides.map(() => []);
  for (let i = shape.length - 1; i >= 0; i--) {
    const size = shape[i] as number;
    if (size === 1) continue;
    const inner = sizes[0];
    const alike = inner !== undefined && strides.every((list, s) => list[i] === (joined[s]?.[0] as number) * inner);
    if (alike) {
      sizes[0] = inner * size;
    } else {
      sizes.unshift(size);
      for (const [s, list] of strides.entries()) joined[s]?.unshift(list[i] as number);
    }
  }
  while (sizes.length < rank) {
    sizes.unshift(1);
    for (const list of joined) list.unshift(0);
  }
  return { sizes, strides: joined };
}

/** How to walk two arrays together, or undefined when it takes more than four dimensions. */
export function walk(a: readonly number[], b: readonly number[], shape: readonly number[]): Walk | undefined {
  const { sizes, strides } = joinDimensions(shape, [stepsOf(a, shape.length), stepsOf(b, shape.length)], 4);
  const [left, right] = strides;
  if (sizes.length > 4 || left === undefined || right === undefined) return undefined;
  return { sizes, a: left, b: right };
}
