/** @file A run in a process of its own, as a person starts it. */
import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const cli = fileURLToPath(new URL("../../../packages/cli/bin/seqloom.mjs", import.meta.url));

/** Runs `pipeline.yaml` in a folder by the command; the seconds that it took, and the most memory, bytes, of all its processes. */
export async function measuredRun(folder: string): Promise<{ seconds: number; peak: number }> {
  const started = performance.now();
  const child = spawn(process.execPath, [cli, "run", "pipeline.yaml"], {
    cwd: folder,
    stdio: ["ignore", "ignore", "inherit"],
  });
  let peak = 0;
  const timer = setInterval(() => {
    peak = Math.max(peak, memoryOf(child));
  }, 50);
  const code = await new Promise((resolve) => child.once("close", resolve));
  clearInterval(timer);
  if (code !== 0) throw new Error(`seqloom run ended with code ${code}`);
  return { seconds: (performance.now() - started) / 1000, peak };
}

/** Resident bytes of a process and of all that it started (Linux). */
function memoryOf({ pid }: ChildProcess): number {
  const parents = new Map<number, number>();
  const resident = new Map<number, number>();
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const status = readFileSync(`/proc/${entry}/status`, "utf8");
      parents.set(Number(entry), Number(/^PPid:\s+(\d+)/m.exec(status)?.[1]));
      resident.set(Number(entry), Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) * 1024);
    } catch {
      // It ended meanwhile.
    }
  }
  const isOurs = (id: number): boolean => id === pid || (parents.has(id) && isOurs(parents.get(id) ?? 0));
  return [...resident].reduce((sum, [id, bytes]) => (isOurs(id) ? sum + bytes : sum), 0);
}
