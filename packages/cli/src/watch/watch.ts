import { setTimeout as sleep } from "node:timers/promises";
import { EXIT, type ExitCode } from "../command.js";
import type { Fingerprint } from "./fingerprint.js";
import type { Keys } from "./keys.js";

/** What watching needs. */
export interface Watching {
  readonly fingerprint: Fingerprint;
  readonly keys: Keys;
  /** Starts a run; `stop` asks it to end. */
  start(): { readonly ended: Promise<ExitCode>; stop(signal: NodeJS.Signals): void };
  say(text: string): void;
  /** Called when a run has ended by itself. */
  ended(code: ExitCode): void;
}

/** Milliseconds between two looks, and at most so much of the time is spent looking. */
const PAUSE_MS = 250;
const SHARE = 20;

/**
 * Runs, and runs again after every change; an edit while a run is going on stops it, and its training goes on where it was if
 * the edit does not concern it. Files are looked at rather than watched: that works on every file system, sees what editors do
 * that replace files, and leaves nothing behind.
 * @returns once the user has enough.
 */
export async function watchFor({ fingerprint, keys, start, say, ended }: Watching): Promise<ExitCode> {
  for (;;) {
    // Before the run: what is edited while it runs is seen afterwards.
    const before = await fingerprint.take();
    let over: ExitCode | null = null;
    const going = start();
    const finished = going.ended.then((code) => {
      over = code;
    });
    const next = await until(
      fingerprint,
      before,
      keys,
      () => over,
      (code) => {
        ended(code);
        say(`Watching for changes.${keys.pressed ? " r: run again, q: quit." : ""}`);
      },
    );
    if (over === null) {
      going.stop(next.signal ?? "SIGINT");
      const again = keys.heard(() => going.stop("SIGINT"));
      await finished;
      again();
    }
    if (next.exit !== null) return next.exit;
    say(next.why);
  }
}

interface Next {
  /** The code to exit with, or null to run again. */
  readonly exit: ExitCode | null;
  readonly signal?: NodeJS.Signals;
  readonly why: string;
}

/** Waits for a key, a signal, or a change that has settled. */
async function until(
  fingerprint: Fingerprint,
  before: ReadonlyMap<string, string>,
  keys: Keys,
  over: () => ExitCode | null,
  onOver: (code: ExitCode) => void,
): Promise<Next> {
  let told = false;
  let last = before;
  for (;;) {
    const code = over();
    if (!told && code !== null) {
      told = true;
      onOver(code);
    }
    const key = keys.take();
    if (key === "q") return { exit: EXIT.ok, why: "" };
    if (key === "interrupt") return { exit: EXIT.interrupted, why: "" };
    if (key === "terminate") return { exit: EXIT.terminated, signal: "SIGTERM", why: "" };
    if (key === "r") return { exit: null, why: "Running again." };
    const began = performance.now();
    const now = await fingerprint.take();
    const took = performance.now() - began;
    const changed = changedNames(before, now);
    // A file that is still being written looks different the next time.
    if (changed.length > 0 && changedNames(last, now).length === 0) {
      return { exit: null, why: `${changed.slice(0, 3).join(", ")}${changed.length > 3 ? ", …" : ""} changed.` };
    }
    last = now;
    await sleep(Math.max(PAUSE_MS, took * SHARE));
  }
}

function changedNames(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] {
  return [...new Set([...before.keys(), ...after.keys()])].filter((name) => before.get(name) !== after.get(name));
}
