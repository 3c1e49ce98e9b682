import { rmSync } from "node:fs";
import { fail } from "../diagnostics/diagnostic.js";
import { parseJson } from "../store/entry.js";
import { guarded } from "../store/errors.js";
import { readText, type Store } from "../store/store.js";
import { runIds } from "./records.js";

const TAG = /^[\p{L}\p{N}_][\p{L}\p{N}_.-]{0,63}$/u;

/** The tags of a run, sorted. */
export function tagsOf(store: Store, run: string): readonly string[] {
  const stored = parseJson(readText(tagsPath(store, run)) ?? "") as { readonly tags?: unknown } | null;
  return Array.isArray(stored?.tags) ? stored.tags.filter((tag) => typeof tag === "string") : [];
}

/**
 * Gives a run a tag. A run that has one is found by it, and its results are not collected.
 * @throws DiagnosticError `tag-name`; `store-not-writable`, ….
 */
export function tagRun(store: Store, run: string, tag: string): void {
  if (!TAG.test(tag) || tag === "latest" || /^[0-9A-Z]{26}$/.test(tag)) {
    throw fail("tag-name", `"${tag}" cannot be a tag`, {
      hint: "Use letters, digits, - _ and ., at most 64; it must not look like the id of a run.",
    });
  }
  store.writeFile(tagsPath(store, run), JSON.stringify({ tags: [...new Set([...tagsOf(store, run), tag])].sort() }));
}

/**
 * Takes a tag from a run.
 * @throws DiagnosticError `unknown-tag`; `store-not-writable`, ….
 */
export function untagRun(store: Store, run: string, tag: string): void {
  const tags = tagsOf(store, run);
  if (!tags.includes(tag)) {
    throw fail("unknown-tag", `run ${run} has no tag "${tag}"`, {
      hint: tags.length === 0 ? "It has no tags." : `Its tags: ${tags.join(", ")}.`,
    });
  }
  const left = tags.filter((other) => other !== tag);
  if (left.length > 0) store.writeFile(tagsPath(store, run), JSON.stringify({ tags: left }));
  else guarded(store.directory, () => rmSync(tagsPath(store, run), { force: true }));
}

/**
 * The id of a run or sweep from what a person writes: its id, the beginning of it, a tag, `latest`, or `latest~2` for the
 * one two before. What fits none goes on as it is, and is reported as unknown by who looks for it.
 */
export function findRun(store: Store, text: string): string {
  if (/^[0-9A-Z]{26}$/.test(text)) return text;
  const all = runIds(store);
  const back = /^latest(?:~(\d+))?$/.exec(text);
  if (back !== null) return all[Number(back[1] ?? 0)] ?? text;
  const tagged = all.find((run) => tagsOf(store, run).includes(text));
  if (tagged !== undefined) return tagged;
  const found = all.filter((run) => run.startsWith(text.toUpperCase()));
  return found.length === 1 ? found[0] : text;
}

function tagsPath(store: Store, run: string): string {
  return store.path("runs", run, "tags.json");
}
