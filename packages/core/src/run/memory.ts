import { readFileSync } from "node:fs";

/** Milliseconds between two looks at the memory of this process. */
const INTERVAL_MS = 100;

/**
 * The most memory that this process has had since it began, bytes. From Linux itself where it can be had: the figure of
 * `getrusage` also counts what the parent had when it started this process.
 */
export function peakMemory(): number {
  try {
    const line = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"));
    if (line !== null) return Number(line[1]) * 1024;
  } catch {
    // Another system.
  }
  return process.resourceUsage().maxRSS * 1024;
}

/** Looks at the memory of this process again and again; gives the most that it saw, bytes. */
export function watchMemory(): { peak(): number; close(): void } {
  let most = process.memoryUsage.rss();
  const look = (): number => {
    most = Math.max(most, process.memoryUsage.rss());
    return most;
  };
  const timer = setInterval(look, INTERVAL_MS);
  timer.unref();
  return { peak: look, close: () => clearInterval(timer) };
}
