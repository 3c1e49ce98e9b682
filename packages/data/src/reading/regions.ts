/**
 * @file Cuts the content of a file into regions of whole lines, or of whole CSV records, at places that the content itself
 * decides. What is put in or taken out moves the regions after it and changes none of them.
 */
import { hash } from "node:crypto";
import { open } from "node:fs/promises";
import { blocksOf, CHUNK_SIZES, type ChunkSizes, fail } from "@seqloom/core";
import type { Content } from "./content.js";

/** Where records end. */
export interface RecordSyntax {
  /** The character in whose pairs a line break ends no record; null when there is none. */
  readonly quote: string | null;
  /** Whether a carriage return alone is a line break too. */
  readonly carriageReturn: boolean;
}

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

/** Larger than most regions. */
const BUFFER = 8 << 20;
/** A record that is longer is a quote that never closes. */
const LONGEST = 128 << 20;
const LF = 10;
const CR = 13;

/** The regions of a content, in order; together they are all of it. */
export async function* regionsOf(
  content: Content,
  syntax: RecordSyntax,
  signal: AbortSignal,
  sizes: ChunkSizes = CHUNK_SIZES,
): AsyncGenerator<FoundRegion> {
  let before: Promise<FoundRegion> | null = null;
  // Another core hashes a region while the end of the next is looked for.
  for await (const { region } of cut(content, syntax, signal, sizes)) {
    if (before !== null) yield await before;
    before = region;
  }
  if (before !== null) yield await before;
}

/** The regions as soon as they are found: the bytes of each are valid until the next but one is asked for. */
async function* cut(
  { path, start }: Content,
  syntax: RecordSyntax,
  signal: AbortSignal,
  sizes: ChunkSizes,
): AsyncGenerator<{ readonly region: Promise<FoundRegion> }> {
  const scanner = new Scanner(syntax, sizes);
  let buffer = Buffer.allocUnsafe(BUFFER);
  let other = Buffer.allocUnsafe(BUFFER);
  let length = 0;
  let from = start;
  let line = 1;
  const regionTo = async (end: number): Promise<FoundRegion> => {
    const bytes = buffer.subarray(0, end);
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
      if (block !== undefined) {
        buffer = withRoom(buffer, length, block.length);
        length += block.copy(buffer, length);
      }
      for (let end = scanner.scan(buffer, length, last); end > 0; end = scanner.scan(buffer, length, last)) {
        yield { region: regionTo(end) };
        other = withRoom(other, 0, length);
        length = buffer.copy(other, 0, end, length);
        [buffer, other] = [other, buffer];
        scanner.restart();
      }
      if (last) break;
    }
    if (length > 0) yield { region: regionTo(length) };
  } finally {
    await blocks.return(undefined);
  }
}

/** The buffer, or a larger one with its content, with room for so many bytes more. */
function withRoom(buffer: Buffer<ArrayBuffer>, length: number, more: number): Buffer<ArrayBuffer> {
  if (length + more <= buffer.length) return buffer;
  const larger = Buffer.allocUnsafe(2 * (length + more));
  buffer.copy(larger, 0, 0, length);
  return larger;
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

/** Goes from line break to line break, and from quote to quote. */
class Scanner {
  /** Of the region that is being scanned. */
  records = 0;
  lines = 0;
  #at = 0;
  #record = 0;
  #open = false;
  readonly #special = new Uint8Array(256);
  readonly #quote: number;
  readonly #sizes: ChunkSizes;

  constructor({ quote, carriageReturn }: RecordSyntax, sizes: ChunkSizes) {
    const code = quote === null ? -1 : quote.charCodeAt(0);
    this.#quote = code > 0x7f ? -1 : code;
    // A quote of several bytes cannot be told from other bytes: such a file is not cut.
    this.#sizes = code > 0x7f ? { ...sizes, least: Number.POSITIVE_INFINITY } : sizes;
    this.#special[LF] = 1;
    if (carriageReturn) this.#special[CR] = 1;
    if (this.#quote >= 0) this.#special[this.#quote] = 1;
  }

  restart(): void {
    this.records = 0;
    this.lines = 0;
    this.#at = 0;
    this.#record = 0;
  }

  /** Goes on to `length`, and gives the end of the region if it finds it, else 0. `last`: nothing comes after. */
  scan(bytes: Buffer, length: number, last: boolean): number {
    const quote = this.#quote;
    const content = bytes.subarray(0, length);
    /** Where each kind of byte is next: searching for one is several times as fast as looking at every byte. */
    const next = (byte: number, from: number): number => {
      const found = this.#special[byte] === 0 ? -1 : content.indexOf(byte, from);
      return found < 0 ? length : found;
    };
    const { least } = this.#sizes;
    let at = this.#at;
    let open = this.#open;
    let end = 0;
    let nextFeed = next(LF, at);
    let nextReturn = next(CR, at);
    let nextQuote = quote < 0 ? length : next(quote, at);
    for (;;) {
      if (nextFeed < at) nextFeed = next(LF, at);
      if (nextReturn < at) nextReturn = next(CR, at);
      if (nextQuote < at) nextQuote = next(quote, at);
      at = Math.min(nextFeed, nextReturn, nextQuote);
      if (at >= length) break;
      const byte = bytes[at];
      if (byte === quote) {
        open = !open;
        at++;
        continue;
      }
      if (byte === CR) {
        if (at + 1 === length && !last) break;
        if (at + 1 < length && bytes[at + 1] === LF) at++;
      }
      at++;
      this.lines++;
      if (open && at < LONGEST) continue;
      const size = at - this.#record;
      const blank = size === 1 || (size === 2 && bytes[at - 2] === CR);
      if (!blank) this.records++;
      if (at >= least && !blank && this.#isEnd(bytes, at, size)) {
        end = at;
        this.#record = at;
        break;
      }
      this.#record = at;
    }
    if (last && at === length && end === 0 && length > this.#record) this.records++;
    this.#at = at;
    this.#open = open;
    return end;
  }

  /** By the record alone: FNV-1a of its first 24 and last 8 bytes, mixed. */
  #isEnd(bytes: Buffer, at: number, size: number): boolean {
    if (at >= this.#sizes.most) return true;
    let hash = 0x811c9dc5;
    for (let i = at - size; i < Math.min(at, at - size + 24); i++) hash = Math.imul(hash ^ bytes[i], 0x01000193);
    for (let i = Math.max(at - size, at - 8); i < at; i++) hash = Math.imul(hash ^ bytes[i], 0x01000193);
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    return (hash ^ (hash >>> 13)) >>> 0 < (size / this.#sizes.spread) * 2 ** 32;
  }
}
