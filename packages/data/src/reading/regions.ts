/**
 * @file Cuts the content of a file into regions of whole lines, or of whole CSV records, at places that the content itself
 * decides. What is put in or taken out moves the regions after it and changes none of them.
 */
import { hash } from "node:crypto";
import { open } from "node:fs/promises";
import { blocksOf, CHUNK_SIZES, type ChunkSizes, fail } from "@seqloom/core";
import type { Content } from "./content.js";
import { type RecordSyntax, Scanner } from "./scanner.js";

/** Some whole records of a file: plain data. */
export interface Region {
  readonly path: string;
  readonly start: number;
  readonly end: number;
  /** SHA-256 of the bytes. */
  readonly digest: string;
  /** Number of its first line, from 1. */
  readonly line: number;
}

/** A region as it is found. */
export interface FoundRegion extends Region {
  /** Valid until the next region is asked for. */
  readonly bytes: Buffer;
  /** Records that are not blank lines. */
  readonly records: number;
  readonly lines: number;
}

/** The regions of a content, in order; together they are all of it. */
export async function* regionsOf(
  content: Content,
  syntax: RecordSyntax,
  signal: AbortSignal,
  sizes: ChunkSizes = CHUNK_SIZES,
): AsyncGenerator<FoundRegion> {
  const scanners = [Scanner.take(), Scanner.take()] as const;
  let before: Promise<FoundRegion> | null = null;
  try {
    // Another core hashes a region while the end of the next is looked for.
    for await (const { region } of cut(content, syntax, signal, sizes, scanners)) {
      if (before !== null) yield await before;
      before = region;
    }
    if (before !== null) yield await before;
  } finally {
    for (const scanner of scanners) scanner.giveBack();
  }
}

/** The regions as soon as they are found: the bytes of each are valid until the next but one is asked for. */
async function* cut(
  { path, start }: Content,
  syntax: RecordSyntax,
  signal: AbortSignal,
  sizes: ChunkSizes,
  [first, second]: readonly [Scanner, Scanner],
): AsyncGenerator<{ readonly region: Promise<FoundRegion> }> {
  let [scanner, other] = [first, second];
  let from = start;
  let line = 1;
  const regionTo = async (end: number): Promise<FoundRegion> => {
    const bytes = scanner.text(0, end);
    const { records, lines } = scanner;
    const found = { path, start: from, end: from + end, line, bytes, records, lines };
    from += end;
    line += lines;
    return { ...found, digest: await sha256Of(bytes) };
  };
  const blocks = blocksOf(path, start);
  try {
    for (;;) {
      signal.throwIfAborted();
      const { value: block, done: last = false } = (await blocks.next()) as IteratorResult<Buffer, undefined>;
      if (block !== undefined) scanner.append(block);
      for (let end = scanner.find(syntax, sizes, last); end > 0; end = scanner.find(syntax, sizes, last)) {
        yield { region: regionTo(end) };
        other.restart(scanner.open);
        other.append(scanner.text(end, scanner.length));
        [scanner, other] = [other, scanner];
      }
      if (last) break;
    }
    if (scanner.length > 0) yield { region: regionTo(scanner.length) };
  } finally {
    await blocks.return(undefined);
  }
}

/** SHA-256 in hexadecimal digits, computed beside this thread. */
async function sha256Of(bytes: Buffer<ArrayBuffer>): Promise<string> {
  return Buffer.from(await crypto.subtle.digest("SHA-256", bytes)).toString("hex");
}

/** The bytes of a region. */
export async function bytesOf({ path, start, end, digest }: Region, name: string): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(end - start);
  const handle = await open(path, "r");
  try {
    await handle.read(bytes, 0, bytes.length, start);
  } finally {
    await handle.close();
  }
  if (hash("sha256", bytes, "hex") === digest) return bytes;
  throw fail("file-changing", `"${name}" changed while it was being read`, {
    hint: "Something is still writing to this file: wait until it is done, then run again.",
  });
}
