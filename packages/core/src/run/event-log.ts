import { closeSync, openSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { makeFolder } from "../store/fs.js";
import type { RunEvent } from "./events.js";

/**
 * Writes the events of a run to `events.ndjson`, a line each: what is left of a run that crashed. Progress is left out, and
 * so are previews, which are in the store. A disk that is full must not end a run whose results are safe, so the log then
 * just stops.
 */
export class EventLog {
  readonly #path: string;
  #file: number | null = null;
  #broken = false;

  constructor(path: string) {
    this.#path = path;
  }

  write(event: RunEvent, time: number): void {
    if (this.#broken || event.type === "stage-progress" || event.type === "run-finished") return;
    try {
      if (this.#file === null) {
        makeFolder(dirname(this.#path));
        this.#file = openSync(this.#path, "a");
      }
      writeSync(this.#file, `${JSON.stringify({ time, ...event }, withoutPreviews)}\n`);
    } catch {
      this.#broken = true;
    }
  }

  close(): void {
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
  }
}

function withoutPreviews(name: string, value: unknown): unknown {
  return name === "preview" ? undefined : value;
}
