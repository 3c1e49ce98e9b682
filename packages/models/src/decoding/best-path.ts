/** The most likely output of each of `frames` steps of `[steps, width]` numbers from `at` on; of equals the first. */
export function bestPath(values: ArrayLike<number>, at: number, frames: number, width: number): Int32Array {
  const path = new Int32Array(frames);
  for (let frame = 0; frame < frames; frame++) {
    const start = at + frame * width;
    for (let i = 1; i < width; i++) if (values[start + i] > values[start + path[frame]]) path[frame] = i;
  }
  return path;
}

/** What a path says: repeats are one, blanks are none (the map B of Graves and others 2006, section 3.1). */
export function collapse(path: Int32Array, blank: number): Int32Array {
  return path.filter((output, i) => output !== blank && (i === 0 || output !== path[i - 1]));
}
