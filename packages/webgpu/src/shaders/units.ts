/** Does something for each unit of a thread: `n` is its number in the thread, `unit` its number in the layer. */
export function eachUnit(body: string): string {
  return `for (var n = 0u; n < MINE; n++) {
    let unit = thread + n * THREADS;
    if (unit < H) {
      ${body}
    }
  }`;
}
