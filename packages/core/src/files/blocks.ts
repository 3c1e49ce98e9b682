import { open } from "node:fs/promises";

const BLOCK = 1 << 20;

/**
 * The content of a file from `start` on, in blocks, so that its size does not matter. A block is valid until the next is
 * asked for; that one is read meanwhile.
 * @throws the system's error when the file cannot be read.
 */
export async function* blocksOf(path: string, start = 0): AsyncGenerator<Buffer> {
  const handle = await open(path, "r");
  let reading: Promise<{ readonly bytesRead: number }> | null = null;
  try {
    // A small file must not pay for large buffers: a data set can be tens of thousands of them.
    const { size } = await handle.stat();
    const length = Math.min(BLOCK, Math.max(size - start, 0) + 1);
    let [block, next] = [Buffer.allocUnsafe(length), Buffer.allocUnsafe(length)];
    let at = start;
    const read = (into: Buffer) => handle.read(into, 0, length, start === 0 ? null : at);
    reading = read(next);
    for (;;) {
      const { bytesRead } = await reading;
      if (bytesRead === 0) break;
      at += bytesRead;
      [block, next] = [next, block];
      reading = read(next);
      yield block.subarray(0, bytesRead);
    }
  } finally {
    // Whoever left early does not hear of what was read for nothing.
    await reading?.catch(() => {});
    await handle.close();
  }
}
