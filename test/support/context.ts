import { Dataset, type EpochMetrics, type Progress, Random, rootSeed, type StageContext } from "@seqloom/core";

/** What a stage said through its context. */
export interface Heard {
  readonly epochs: { readonly epoch: number; readonly epochs: number; readonly metrics: EpochMetrics }[];
  readonly progress: Progress[];
  readonly logs: string[];
}

/** A context as the engine gives it, with the randomness of seed 1 and no files; it keeps what the stage says in `heard`. */
export function testContext(overrides: Partial<StageContext> = {}): StageContext & { readonly heard: Heard } {
  const heard: Heard = { epochs: [], progress: [], logs: [] };
  return {
    stage: "under-test",
    random: new Random(rootSeed(1)),
    signal: new AbortController().signal,
    files: {},
    device: "cpu",
    validation: Dataset.of([], 0),
    progress: (progress) => void heard.progress.push(progress),
    epoch: (epoch, epochs, metrics) => void heard.epochs.push({ epoch, epochs, metrics }),
    log: (message) => void heard.logs.push(message),
    ...overrides,
    heard,
  };
}
