import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const script = fileURLToPath(new URL("./fixtures/train-digest.mjs", import.meta.url));

async function digestWith(threads: string): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [script], {
    env: { ...process.env, SEQLOOM_THREADS: threads },
  });
  return stdout;
}

it("the model artifact has the same digest with 1, 2 and 3 threads, in a process each", async () => {
  const [one, two, three] = [await digestWith("1"), await digestWith("2"), await digestWith("3")];
  expect(one).toMatch(/^[0-9a-f]{64}$/);
  expect(two).toBe(one);
  expect(three).toBe(one);
});
