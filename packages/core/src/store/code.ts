/**
 * @file What the code of stages was made of, by its hash: so that a change can be named by its files. Advisory, as all of
 * `index/`: where it is lost, explanations say only that the code changed.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { CodeParts } from "../code/parts.js";
import type { StageCode } from "../pipeline/pipeline.js";
import { parseJson } from "./entry.js";
import { readText, type Store } from "./store.js";

/** The parts of the code that has this hash, where the store or the installed stage knows them. */
export function codeParts(store: Store, hash: string, code?: StageCode): CodeParts | null {
  return fromStore(store, hash) ?? (code?.hash === hash ? partsOfStage(code) : null);
}

/** Keeps the parts of the code of a stage whose result was kept. */
export function rememberCode(store: Store, code: StageCode): void {
  if (code.parts === undefined || fromStore(store, code.hash) !== null) return;
  const parts = partsOfStage(code);
  if (parts === null) return;
  try {
    store.writeFile(partsPath(store, code.hash), JSON.stringify(parts));
  } catch {
    // Only explanations get worse.
  }
}

function fromStore(store: Store, hash: string): CodeParts | null {
  try {
    const parts = parseJson(readText(partsPath(store, hash)) ?? "");
    return Array.isArray(parts) ? (parts as CodeParts) : null;
  } catch {
    return null;
  }
}

/** The parts of the code of a stage as its package or its project knows them. */
export function partsOfStage({ parts, hash }: StageCode): CodeParts | null {
  if (parts === undefined) return null;
  try {
    const all = JSON.parse(readFileSync(fileURLToPath(parts), "utf8")) as Readonly<Record<string, CodeParts>>;
    return all[hash] ?? null;
  } catch {
    return null;
  }
}

function partsPath(store: Store, hash: string): string {
  return store.path("index", "code", `${hash}.json`);
}
