/** @file Finds the ends of records in text, and the one at which a region ends. */

const LF: u8 = 10;
const CR: u8 = 13;
/** A record that is longer is a quote that never closes. */
const LONGEST: u32 = 128 << 20;

/** Where the state of a scan is: u32 each. */
const AT = 0; // how far it got
const RECORD = 4; // where the record begins that is being read
const OPEN = 8; // whether a quote is open
const RECORDS = 12; // those that ended and are no blank lines
const LINES = 16;

/** Bytes that are looked at together: one bit each of a word. */
const BLOCK: u32 = 64;

/**
 * Goes on to `length`, and gives the end of the region if it finds it, else 0. A block more behind `length` can be read.
 * @param last whether nothing comes after
 * @param quote the byte in whose pairs a line break ends no record; -1 when there is none
 * @param carriageReturn whether a carriage return alone is a line break too
 * @param least no end before so many bytes; then one about every `spread`, and at the latest at `most`
 */
export function scan(
  state: usize,
  bytes: usize,
  length: u32,
  last: bool,
  quote: i32,
  carriageReturn: bool,
  least: u32,
  most: u32,
  spread: f64,
): u32 {
  let at = load<u32>(state, AT), record = load<u32>(state, RECORD), open = load<u32>(state, OPEN);
  let records = load<u32>(state, RECORDS), lines = load<u32>(state, LINES);
  let end: u32 = 0;
  let waits = false; // for what comes after a carriage return
  for (let block = at; block < length && end == 0 && !waits; block += BLOCK) {
    const here = bytes + block;
    const feeds = placesOf(here, LF);
    const returns = carriageReturn ? placesOf(here, CR) : 0;
    const quotes = quote < 0 ? 0 : placesOf(here, <u8>quote);
    const behind = block + BLOCK;
    if (returns == 0 && behind < min(least, LONGEST) && behind <= length && at <= block) {
      // Nothing can end here: it is enough to count, unless there may be blank lines.
      const inside = insideQuotes(quotes) ^ (open != 0 ? u64.MAX_VALUE : 0);
      const ends = feeds & ~inside;
      const first = block + <u32>ctz(ends);
      if (ends == 0 || (first + 1 - record > 2 && (ends & ((ends << 1) | (ends << 2))) == 0)) {
        lines += <u32>popcnt(feeds);
        records += <u32>popcnt(ends);
        if (ends != 0) record = behind - <u32>clz(ends);
        open ^= <u32>popcnt(quotes) & 1;
        at = behind;
        continue;
      }
    }
    for (let found = feeds | returns | quotes; found != 0; found &= found - 1) {
      const place = block + <u32>ctz(found);
      if (place >= length) break;
      if (place < at) continue; // the line feed after a carriage return
      at = place;
      const byte = load<u8>(bytes + at);
      if (<i32>byte == quote) {
        open ^= 1;
        at++;
        continue;
      }
      if (byte == CR) {
        waits = at + 1 == length && !last;
        if (waits) break;
        if (at + 1 < length && load<u8>(bytes + at, 1) == LF) at++;
      }
      at++;
      lines++;
      if (open != 0 && at < LONGEST) continue;
      const size = at - record;
      const blank = size == 1 || (size == 2 && load<u8>(bytes + at - 2) == CR);
      if (!blank) {
        records++;
        if (at >= least && isEnd(bytes, at, size, most, spread)) end = at;
      }
      record = at;
      if (end != 0) break;
    }
    if (at < behind && end == 0 && !waits) at = min(behind, length);
  }
  if (last && at == length && end == 0 && length > record) records++;
  store<u32>(state, at, AT);
  store<u32>(state, record, RECORD);
  store<u32>(state, open, OPEN);
  store<u32>(state, records, RECORDS);
  store<u32>(state, lines, LINES);
  return end;
}

/** Where in a block a byte is: bit i stands for byte i. */
// @ts-ignore: decorator
@inline
function placesOf(block: usize, byte: u8): u64 {
  const sought = i8x16.splat(<i8>byte);
  return (
    <u64>i8x16.bitmask(i8x16.eq(v128.load(block), sought)) |
    (<u64>i8x16.bitmask(i8x16.eq(v128.load(block, 16), sought)) << 16) |
    (<u64>i8x16.bitmask(i8x16.eq(v128.load(block, 32), sought)) << 32) |
    (<u64>i8x16.bitmask(i8x16.eq(v128.load(block, 48), sought)) << 48)
  );
}

/** The bytes that have an odd number of quotes up to them: each bit is the exclusive or of those up to it. */
// @ts-ignore: decorator
@inline
function insideQuotes(quotes: u64): u64 {
  let inside = quotes ^ (quotes << 1);
  inside ^= inside << 2;
  inside ^= inside << 4;
  inside ^= inside << 8;
  inside ^= inside << 16;
  return inside ^ (inside << 32);
}

/** By the record alone: FNV-1a of its first 24 and last 8 bytes, mixed. */
function isEnd(bytes: usize, at: u32, size: u32, most: u32, spread: f64): bool {
  if (at >= most) return true;
  let hash: u32 = 0x811c9dc5;
  const start = at - size;
  for (let i = start; i < min(at, start + 24); i++) hash = (hash ^ load<u8>(bytes + i)) * 0x01000193;
  for (let i = size > 8 ? at - 8 : start; i < at; i++) hash = (hash ^ load<u8>(bytes + i)) * 0x01000193;
  hash = (hash ^ (hash >>> 16)) * 0x85ebca6b;
  return <f64>(hash ^ (hash >>> 13)) < (<f64>size / spread) * 4294967296.0;
}
