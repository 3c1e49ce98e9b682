/** @file The content of a file as bytes that can be read from any place: unpacked, and in an encoding that extends ASCII. */
import { createReadStream, createWriteStream } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { fail, type ResolvedFile, type StageContext } from "@seqloom/core";
import { DETECTED, encodingOf } from "../detect-encoding.js";
import { decodeText, type Encoding, type EncodingParam } from "../encoding.js";

/** Where the content of a file is. */
export interface Content {
  readonly path: string;
  /** After a byte order mark. */
  readonly start: number;
  readonly encoding: Encoding;
}

/**
 * The content of a file. Gzip is known by its first bytes, whatever the name; it is unpacked, and text that is not in an encoding
 * that extends ASCII byte by byte is turned into UTF-8, into the scratch folder of the stage.
 * @throws DiagnosticError `file-empty` when there is nothing in it, `file-gzip` when it is damaged, `file-encoding`.
 */
export async function contentOf(file: ResolvedFile, given: EncodingParam, context: StageContext): Promise<Content> {
  const { signal, scratch } = context;
  let { path } = file;
  const packed = await beginning(path, 4);
  if (packed[0] === 0x1f && packed[1] === 0x8b) {
    path = join(scratch, `${file.digest}.content`);
    await spool([createReadStream(file.path, { signal }), createGunzip()], path, file, signal);
  }
  let first = await beginning(path, 4);
  if (first.length === 0) {
    throw fail("file-empty", `"${file.name}" is empty`, {
      hint: "Was it written to the end? A loader needs at least one row.",
    });
  }
  const encoding = given === "auto" ? await encodingOf(await beginning(path, DETECTED)) : given;
  if (!KEPT.has(encoding)) {
    const source = createReadStream(path, { signal });
    path = join(scratch, `${file.digest}.utf8`);
    await spool([source, converted(file.name, encoding)], path, file, signal);
    first = await beginning(path, 4);
  }
  const utf8 = encoding === "utf8" || !KEPT.has(encoding);
  const marked = utf8 && first[0] === 0xef && first[1] === 0xbb && first[2] === 0xbf;
  return { path, start: marked ? 3 : 0, encoding: utf8 ? "utf8" : encoding };
}

/** Encodings in which a file is read as it is. */
const KEPT: ReadonlySet<Encoding> = new Set(["utf8", "latin1", "windows-1252"]);

async function beginning(path: string, size: number): Promise<Buffer> {
  const handle = await open(path, "r");
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(size), 0, size, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

type Step = Readable | NodeJS.ReadWriteStream | ((source: AsyncIterable<Buffer>) => AsyncIterable<Buffer>);

async function spool(steps: readonly Step[], path: string, { name }: ResolvedFile, signal: AbortSignal): Promise<void> {
  try {
    await pipeline([...steps, createWriteStream(path)] as never, { signal });
  } catch (error) {
    signal.throwIfAborted();
    // Errors of the unpacker have a number from zlib.
    if (
      typeof (error as { errno?: unknown }).errno !== "number" ||
      !String((error as NodeJS.ErrnoException).code).startsWith("Z_")
    )
      throw error;
    throw fail("file-gzip", `"${name}" begins as a gzip file but cannot be unpacked: ${(error as Error).message}`, {
      hint: "The file is cut short or damaged: copy or download it again.",
    });
  }
}

/** An encoding to UTF-8, cut only after whole lines, so that a fault has its place. */
function converted(name: string, encoding: Encoding) {
  return async function* (source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    let rest: Buffer[] = [];
    let held = 0;
    let [line, offset] = [1, 0];
    const take = (bytes: Buffer): Buffer => {
      const text = decodeText(bytes, encoding, name, { line, offset });
      for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) line++;
      offset += bytes.length;
      return Buffer.from(text, "utf8");
    };
    for await (const block of source) {
      // Blocks of a long line are joined once, when it ends.
      const end = lastLineEnd(block, encoding, held);
      if (end > 0) yield take(Buffer.concat([...rest, block.subarray(0, end)]));
      const left = block.subarray(end);
      rest = end > 0 ? [left] : [...rest, left];
      held = end > 0 ? left.length : held + left.length;
    }
    yield take(Buffer.concat(rest));
  };
}

/** The place after the last "\n" of a block; 0 when there is none. `held`: bytes since the last line end before it. */
function lastLineEnd(block: Buffer, encoding: Encoding, held: number): number {
  if (!encoding.startsWith("utf-16")) return block.lastIndexOf(10) + 1;
  const low = encoding === "utf-16le" ? 0 : 1;
  const odd = held & 1;
  for (let at = ((block.length - odd) & ~1) - 2 + odd; at >= odd; at -= 2) {
    if (block[at + low] === 10 && block[at + 1 - low] === 0) return at + 2;
  }
  return 0;
}
