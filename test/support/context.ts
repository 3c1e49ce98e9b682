import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Dataset, type EpochMetrics, type Progress, Random, rootSeed, type StageContext } from "@seqloom/core";
import { afterAll } from "vitest";

/** What a stage said through its context. */
export interface Heard {
  readonly epochs: { readonly epoch: number; readonly epochs: number; readonly metrics: EpochMetrics }[];
  readonly progress: Progress[];
  readonly logs: string[];
}

let scratch: string | undefined;

/** One for all tests of a file: stages write there only what they read again at once. */
function scratchFolder(): string {
  scratch ??= mkdtempSync(join(tmpdir(), "seqloom-scratch-"));
  return scratch;
}

afterAll(() => {
  if (scratch !== undefined) rmSync(scratch, { recursive: true, force: true });
});

/** A context as the engine gives it, with the randomness of seed 1 and no files; it keeps what the stage says in `heard`. */
export function testContext(overrides: Partial<StageContext> = {}): StageContext & { readonly heard: Heard } {
  const heard: Heard = { epochs: [], progress: [], logs: [] };
  return {
    stage: "under-test",
    random: new Random(rootSeed(1)),
    signal: new AbortController().signal,
    files: {},
    device: "cpu",
    firstRow: 0,
    get scratch() {
      return scratchFolder();
    },
    validation: Dataset.of([], 0),
    progress: (progress) => void heard.progress.push(progress),
    epoch: (epoch, epochs, metrics) => void heard.epochs.push({ epoch, epochs, metrics }),
    log: (message) => void heard.logs.push(message),
    ...overrides,
    heard,
  };
}
