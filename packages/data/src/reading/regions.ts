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
  { path, start: begin }: Content,
  syntax: RecordSyntax,
  signal: AbortSignal,
  sizes: ChunkSizes = CHUNK_SIZES,
): AsyncGenerator<FoundRegion> {
  const scanner = Scanner.take();
  const blocks = blocksOf(path, begin);
  let start = begin;
  let line = 1;
  const regionTo = (size: number): FoundRegion => {
    const bytes = scanner.text(size);
    const { records, lines } = scanner;
    const found = { path, start, end: start + size, line, bytes, records, lines, digest: hash("sha256", bytes, "hex") };
    start += size;
    line += lines;
    return found;
  };
  try {
    for (;;) {
      signal.throwIfAborted();
      const { value: block, done: last = false } = (await blocks.next()) as IteratorResult<Buffer, undefined>;
      if (block !== undefined) scanner.append(block);
      for (let end = scanner.find(syntax, sizes, last); end > 0; end = scanner.find(syntax, sizes, last)) {
        yield regionTo(end);
        scanner.restart(end);
      }
      if (last) break;
    }
    if (scanner.length > 0) yield regionTo(scanner.length);
  } finally {
    await blocks.return(undefined);
    scanner.giveBack();
  }
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
