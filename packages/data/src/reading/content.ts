/** @file The content of a file as bytes that can be read from any place: unpacked, and in an encoding that extends ASCII. */
import { createReadStream, createWriteStream } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { fail, type ResolvedFile, type StageContext } from "@seqloom/core";
import { decodeText, type Encoding } from "../encoding.js";

/** Where the content of a file is. */
export interface Content {
  readonly path: string;
  /** After a byte order mark. */
  readonly start: number;
  readonly encoding: Encoding;
}

/**
 * The content of a file. Gzip is known by its first bytes, whatever the name; it is unpacked, and UTF-16 turned into
 * UTF-8, into the scratch folder of the stage.
 * @throws DiagnosticError `file-empty` when there is nothing in it, `file-gzip` when it is damaged, `file-encoding`.
 */
export async function contentOf(file: ResolvedFile, encoding: Encoding, context: StageContext): Promise<Content> {
  const { signal } = context;
  const packed = await beginning(file.path);
  const unpacked = packed[0] === 0x1f && packed[1] === 0x8b ? createGunzip() : null;
  const source = (): Readable => createReadStream(file.path, { signal });
  let path = file.path;
  if (encoding === "utf-16le") {
    path = join(context.scratch, `${file.digest}.utf8`);
    await spool(
      unpacked === null ? [source(), utf16(file.name)] : [source(), unpacked, utf16(file.name)],
      path,
      file,
      signal,
    );
  } else if (unpacked !== null) {
    path = join(context.scratch, `${file.digest}.content`);
    await spool([source(), unpacked], path, file, signal);
  }
  const first = path === file.path ? packed : await beginning(path);
  if (first.length === 0) {
    throw fail("file-empty", `"${file.name}" is empty`, {
      hint: "Was it written to the end? A loader needs at least one row.",
    });
  }
  const utf8 = encoding === "utf8" || encoding === "utf-16le";
  const marked = utf8 && first[0] === 0xef && first[1] === 0xbb && first[2] === 0xbf;
  return { path, start: marked ? 3 : 0, encoding: utf8 ? "utf8" : encoding };
}

async function beginning(path: string): Promise<Buffer> {
  const handle = await open(path, "r");
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0);
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

/** UTF-16 to UTF-8, cut only after whole lines, so that a fault has its place. */
function utf16(name: string) {
  return async function* (source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    let rest: Buffer = Buffer.alloc(0);
    let line = 1;
    for await (const block of source) {
      const bytes = Buffer.concat([rest, block]);
      const end = lastLineEnd(bytes);
      const text = decodeText(bytes.subarray(0, end), "utf-16le", name, { line, offset: 0 });
      yield Buffer.from(text, "utf8");
      for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) line++;
      rest = bytes.subarray(end);
    }
    yield Buffer.from(decodeText(rest, "utf-16le", name, { line, offset: 0 }), "utf8");
  };
}

/** The place after the last "\n" of UTF-16, little end first; 0 when there is none. */
function lastLineEnd(bytes: Buffer): number {
  for (let at = (bytes.length & ~1) - 2; at >= 0; at -= 2) if (bytes[at] === 10 && bytes[at + 1] === 0) return at + 2;
  return 0;
}
