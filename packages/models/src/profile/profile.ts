import type { ProfileRow, StageContext } from "@seqloom/core";
import type { KernelConfig } from "@tensorflow/tfjs-core";
import type { Device } from "../device.js";

/** What is left when the kernels are taken away: JavaScript that calls them, and reading their results. */
export const BETWEEN_KERNELS = "between kernels";

/** What work on a device gave, and where its time went. */
export interface Profiled<T> {
  readonly result: T;
  /** A row per kernel that was called, the longest first; the last is {@link BETWEEN_KERNELS}. They add up to the whole time. */
  readonly rows: readonly ProfileRow[];
}

interface Counter {
  calls: number;
  ms: number;
}

/**
 * Does work, such as some steps of training, and measures the kernels of the device while it does. A kernel that calls
 * another has only its own time. Where kernels run on after their call returns, as on a GPU, what is measured is the call.
 */
export async function profileSteps<T>(device: Device, work: () => T | Promise<T>): Promise<Profiled<T>> {
  const counters = new Map<string, Counter>();
  const unwrap = wrapKernels(device, counters);
  const started = performance.now();
  try {
    const result = await work();
    return { result, rows: rowsOf(counters, performance.now() - started) };
  } finally {
    unwrap();
  }
}

/** Does a part of a stage's work, and tells the run where its time went if the run wants to know. */
export async function profiled<T>(
  part: "training" | "prediction",
  device: Device,
  context: StageContext,
  work: () => Promise<T>,
): Promise<T> {
  if (context.profile === undefined) return work();
  const { result, rows } = await profileSteps(device, work);
  context.profile(rows.map((row) => ({ ...row, part })));
  return result;
}

/** Replaces the functions of all kernels by ones that count; gives what puts them back. */
function wrapKernels({ tf, name: backend }: Device, counters: Map<string, Counter>): () => void {
  // Time that kernels inside the one that runs now have taken.
  let inner = 0;
  const wrapped = tf.getKernelsForBackend(backend).map((config) => {
    const { kernelName, kernelFunc } = config;
    const counter: Counter = { calls: 0, ms: 0 };
    counters.set(kernelName, counter);
    const change = config as { -readonly [K in keyof KernelConfig]: KernelConfig[K] };
    change.kernelFunc = (call) => {
      const outer = inner;
      inner = 0;
      const started = performance.now();
      try {
        return kernelFunc(call);
      } finally {
        const ms = performance.now() - started;
        counter.calls++;
        counter.ms += ms - inner;
        inner = outer + ms;
      }
    };
    return () => {
      change.kernelFunc = kernelFunc;
    };
  });
  return () => {
    for (const restore of wrapped) restore();
  };
}

function rowsOf(counters: ReadonlyMap<string, Counter>, total: number): ProfileRow[] {
  const rows = [...counters]
    .filter(([, { calls }]) => calls > 0)
    .map(([name, { calls, ms }]): ProfileRow => ({ name, calls, ms }))
    .sort((a, b) => b.ms - a.ms);
  const inside = rows.reduce((sum, { ms }) => sum + ms, 0);
  return [...rows, { name: BETWEEN_KERNELS, calls: 0, ms: Math.max(0, total - inside) }];
}
