import type { StageContext } from "@seqloom/core";

const STRIDE = 4096;

/** What a long loop over rows calls at every row, or every few: stops it when the run is aborted, and tells how far it is. */
export function watcher(context: StageContext, total: number): (row: number) => void {
  return (row) => {
    if (row % STRIDE !== 0) return;
    context.signal.throwIfAborted();
    // A report per 65,536 rows: fewer than ten a second whatever the stage does.
    if (row > 0 && row % (16 * STRIDE) === 0) context.progress({ done: row, total, unit: "rows" });
  };
}

/** Applies a function to every text. */
export function forRows(
  texts: readonly string[],
  change: (text: string) => string,
  context: StageContext,
): readonly string[] {
  const watch = watcher(context, texts.length);
  return texts.map((text, row) => {
    watch(row);
    return change(text);
  });
}
