import { type DiagnosticError, fail } from "@seqloom/core";
import { type Network, parametersOf } from "./network.js";

const GIB = 2 ** 30;

/** What the memory of the default device can hold: a WebAssembly memory has 32-bit addresses. */
const MOST = 4 * GIB;

/**
 * Refuses a network whose weights and gradients alone are more than the device can hold, before they are made.
 * @throws DiagnosticError `out-of-memory`.
 */
export function requireMemory(device: string, network: Network): void {
  const bytes = 2 * 4 * network.parameters;
  if (device === "simd" && bytes > MOST) throw outOfMemory(network, `weights and gradients take ${gib(bytes)}`);
}

/**
 * Does work on a device; that its memory ends is told with what takes it.
 * @throws DiagnosticError `out-of-memory`; every other error as it was.
 */
export async function withinMemory<T>(network: Network, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof RangeError) || !EXHAUSTED.test(error.message)) throw error;
    throw outOfMemory(network, error.message.replace(/\. Use a .*$/, ""));
  }
}

/** What the arena of the device says, and what JavaScript does. */
const EXHAUSTED = /out of (tensor )?memory|invalid (typed array|array buffer) length|array buffer allocation failed/i;

function outOfMemory(network: Network, what: string): DiagnosticError {
  const sizes = network.layers.map(parametersOf);
  const largest = sizes.indexOf(Math.max(...sizes));
  const { name } = network.layers[largest] ?? { name: "none" };
  const message = `the model does not fit into memory: ${what}; ${network.parameters} weights in all, ${sizes[largest]} of them in layers[${largest}] (${name})`;
  return fail("out-of-memory", message, {
    hint: `Device simd holds ${gib(MOST)}. Use fewer units, a smaller vocabulary (max_size of text/encode), a smaller batch_size or shorter sequences.`,
    param: ["layers", largest],
  });
}

function gib(bytes: number): string {
  return `${(bytes / GIB).toFixed(1)} GiB`;
}
