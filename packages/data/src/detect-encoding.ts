/** @file Which encoding a text is in, where no one says: as https://html.spec.whatwg.org does, and by statistics where that ends. */
import { isUtf8 } from "node:buffer";
import type { ResolvedFile } from "@seqloom/core";
import { readBytes } from "./bytes.js";
import { decodeText, ENCODINGS, type Encoding, type EncodingParam } from "./encoding.js";

/** Bytes that are looked at. */
export const DETECTED = 1 << 18;

/** The text of a whole file, unpacked if it is gzip; `emptyAllowed`: one of no bytes is a text, too. */
export async function readText(
  file: ResolvedFile,
  encoding: EncodingParam,
  signal: AbortSignal,
  emptyAllowed?: boolean,
): Promise<string> {
  const bytes = await readBytes(file, signal, emptyAllowed);
  return decodeText(bytes, encoding === "auto" ? await encodingOf(bytes) : encoding, file.name);
}

/**
 * The encoding of a text by its first bytes: a byte order mark, what the text declares, UTF-8 if it is, zero bytes of UTF-16, and
 * else how often pairs of letters occur.
 */
export async function encodingOf(bytes: Buffer): Promise<Encoding> {
  const head = bytes.subarray(0, DETECTED);
  const marked = byMark(head);
  if (marked !== null) return marked;
  const declared = declaredIn(head);
  if (declared !== null) return declared;
  if (isUtf8(whole(head))) return "utf8";
  const wide = byZeros(head);
  if (wide !== null) return wide;
  const { default: chardet } = await import("chardet");
  return known(chardet.detect(head) ?? "") ?? "windows-1252";
}

function byMark(head: Buffer): Encoding | null {
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return "utf8";
  if (head[0] === 0xff && head[1] === 0xfe) return "utf-16le";
  return head[0] === 0xfe && head[1] === 0xff ? "utf-16be" : null;
}

const DECLARED = [
  /^\s*<\?xml[^>]{0,200}?\sencoding\s*=\s*["']([\w.:-]{1,40})["']/i,
  /<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]{1,40})/i,
];

/** What XML or HTML says at its beginning. Of UTF-16 it cannot be true: the words would not have been found. */
function declaredIn(head: Buffer): Encoding | null {
  const start = head.toString("latin1", 0, 1024);
  for (const pattern of DECLARED) {
    const name = pattern.exec(start)?.[1];
    const encoding = name === undefined ? null : known(name);
    if (encoding !== null) return encoding.startsWith("utf-16") ? "utf8" : encoding;
  }
  return null;
}

/** The encoding that a name stands for, in any of its spellings; null for one that is not decoded here. */
function known(name: string): Encoding | null {
  let label: string;
  try {
    label = new TextDecoder(name).encoding;
  } catch {
    return null;
  }
  const spelled = { "utf-8": "utf8", gbk: "gb18030", "iso-8859-8-i": "iso-8859-8" }[label] ?? label;
  return ENCODINGS.find((one) => one === spelled) ?? null;
}

/** Without a character of UTF-8 that is cut at the end. */
function whole(head: Buffer): Buffer {
  for (let back = 1; back <= Math.min(3, head.length); back++) {
    const byte = head[head.length - back];
    if (byte >> 6 === 0b10) continue;
    const needs = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return needs > back ? head.subarray(0, head.length - back) : head;
  }
  return head;
}

/** Western text in UTF-16 has a zero beside almost every letter. */
function byZeros(head: Buffer): Encoding | null {
  const zeros = [0, 0];
  for (let at = 0; at < head.length; at++) if (head[at] === 0) zeros[at & 1]++;
  const many = head.length / 5;
  if (zeros[1] > many && zeros[0] < many / 10) return "utf-16le";
  return zeros[0] > many && zeros[1] < many / 10 ? "utf-16be" : null;
}
