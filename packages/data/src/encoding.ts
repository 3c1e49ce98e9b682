/** @file Bytes to text, with the place of the first byte that is wrong. */
import { isUtf8 } from "node:buffer";
import { fail, type Location } from "@seqloom/core";
import { z } from "zod";

/** Those of https://encoding.spec.whatwg.org that are decoded by the platform, all but rare ones. */
const OTHERS = [
  ...["utf-16be", "iso-8859-2", "iso-8859-3", "iso-8859-4", "iso-8859-5", "iso-8859-6", "iso-8859-7", "iso-8859-8"],
  ...["iso-8859-10", "iso-8859-13", "iso-8859-14", "iso-8859-15", "iso-8859-16", "windows-874", "windows-1250"],
  ...["windows-1251", "windows-1253", "windows-1254", "windows-1255", "windows-1256", "windows-1257", "windows-1258"],
  ...["koi8-r", "koi8-u", "ibm866", "macintosh", "gb18030", "big5", "euc-jp", "shift_jis", "euc-kr"],
] as const;

/** The text encodings. */
export const ENCODINGS = ["utf8", "latin1", "windows-1252", "utf-16le", ...OTHERS] as const;

/** A text encoding. */
export type Encoding = (typeof ENCODINGS)[number];

/** The schema of the parameter `encoding`. */
export const encodingParam = z
  .enum([...ENCODINGS, "auto"])
  .default("utf8")
  .describe(
    "Encoding of the text: utf8, latin1 (ISO 8859-1), windows-1252, utf-16le, or another by its name; auto finds out, for each " +
      "file: by its byte order mark, by what it declares in XML or HTML, as UTF-8 if it is, else by how often letters occur",
  );

/** A text encoding, or that it is to be found out. */
export type EncodingParam = z.output<typeof encodingParam>;

/** What windows-1252 has where latin1 has control characters: 0x80 to 0x9F. The five holes stay what they are. */
const WINDOWS = "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ";
const CONTROLS = /[\u0080-\u009f]/g;
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/** Where in its file a text begins: the number of its line, from 1, and how many bytes come before it. */
export interface Beginning {
  readonly line: number;
  readonly offset: number;
}

const START: Beginning = { line: 1, offset: 0 };

/**
 * The text of these bytes, without a byte order mark.
 * @throws DiagnosticError `file-encoding` with the place of the first byte that is not of this encoding.
 */
export function decodeText(bytes: Buffer, encoding: Encoding, file: string, from: Beginning = START): string {
  switch (encoding) {
    case "utf8":
      return toUtf8(bytes, encoding, file, from).toString("utf8");
    case "latin1":
      return bytes.toString("latin1");
    case "windows-1252":
      return bytes.toString("latin1").replace(CONTROLS, (control) => WINDOWS[control.charCodeAt(0) - 0x80]);
    case "utf-16le": {
      const text = bytes.toString("utf16le");
      const lone = bytes.length % 2 === 1 ? text.length : text.search(LONE_SURROGATE);
      if (lone >= 0) {
        throw fail("file-encoding", `"${file}" is not UTF-16: half a character`, {
          hint: "Set encoding to what the file is in; utf8 is the usual one.",
          at: placeIn(text, lone, file, from),
        });
      }
      return text.startsWith("\ufeff") ? text.slice(1) : text;
    }
    default:
      return decodeOther(bytes, encoding, file, from);
  }
}

function decodeOther(bytes: Buffer, encoding: Encoding, file: string, from: Beginning): string {
  const decodes = (length: number): string | null => {
    try {
      return new TextDecoder(encoding, { fatal: true }).decode(bytes.subarray(0, length), {
        stream: length < bytes.length,
      });
    } catch {
      return null;
    }
  };
  const text = decodes(bytes.length);
  if (text !== null) return text;
  // The longest beginning that is right; the byte after it is wrong, or the file ends within a character.
  let [right, wrong] = [0, bytes.length];
  while (wrong - right > 1) {
    const middle = (right + wrong) >> 1;
    if (decodes(middle) === null) wrong = middle;
    else right = middle;
  }
  const before = decodes(right) ?? "";
  const byte = bytes[right].toString(16).toUpperCase().padStart(2, "0");
  const number = from.offset + right + 1;
  throw fail("file-encoding", `"${file}" is not ${encoding}: byte 0x${byte} (number ${number} of the file)`, {
    hint: "Set encoding to what the file is in, or to auto.",
    at: placeIn(before, before.length, file, from),
  });
}

/** The same bytes in UTF-8, without a byte order mark. Costs nothing when they are. */
export function toUtf8(bytes: Buffer, encoding: Encoding, file: string, from: Beginning = START): Buffer {
  if (encoding !== "utf8") return Buffer.from(decodeText(bytes, encoding, file, from), "utf8");
  if (!isUtf8(bytes)) throw notUtf8(bytes, file, from);
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
}

/** The line and column of a place in a text; lines end with `\n`, `\r\n` or `\r`. */
export function placeIn(text: string, offset: number, file: string, from: Beginning = START): Location {
  let { line } = from;
  let start = 0;
  for (const match of text.slice(0, offset).matchAll(/\r\n|\n|\r/g)) {
    line++;
    start = match.index + match[0].length;
  }
  return { file, line, column: offset - start + 1 };
}

function notUtf8(bytes: Buffer, file: string, from: Beginning) {
  const mark = bytes.length > 1 && from.offset === 0 ? bytes.readUInt16BE(0) : 0;
  if (mark === 0xfffe || mark === 0xfeff) {
    return fail("file-encoding", `"${file}" is not UTF-8: it begins with the mark of UTF-16`, {
      hint: mark === 0xfffe ? "Set encoding: utf-16le." : "Set encoding: utf-16be.",
      at: { file, line: 1, column: 1 },
    });
  }
  const wrong = firstWrongByte(bytes);
  const byte = bytes[wrong].toString(16).toUpperCase().padStart(2, "0");
  const before = bytes.toString("utf8", 0, wrong).replace(/^\ufeff/, "");
  return fail(
    "file-encoding",
    `"${file}" is not UTF-8: byte 0x${byte} (number ${from.offset + wrong + 1} of the file)`,
    {
      hint: "Set encoding: windows-1252 if it was written on Windows in a western language, or the name of another, or auto to find out.",
      at: placeIn(before, before.length, file, from),
    },
  );
}

/** The place of the first byte that cannot be where it is in UTF-8 (RFC 3629, section 4); the length if there is none. */
export function firstWrongByte(bytes: Uint8Array): number {
  let at = 0;
  while (at < bytes.length) {
    const lead = bytes[at];
    const length =
      lead < 0x80 ? 1 : lead >= 0xc2 && lead < 0xe0 ? 2 : lead >> 4 === 0xe ? 3 : lead >= 0xf0 && lead < 0xf5 ? 4 : 0;
    if (length === 0) return at;
    for (let i = 1; i < length; i++) {
      // The second byte is narrower after these leads: no overlong form, no surrogate, nothing past U+10FFFF.
      const low = i === 1 && lead === 0xe0 ? 0xa0 : i === 1 && lead === 0xf0 ? 0x90 : 0x80;
      const high = i === 1 && lead === 0xed ? 0x9f : i === 1 && lead === 0xf4 ? 0x8f : 0xbf;
      if (!(bytes[at + i] >= low && bytes[at + i] <= high)) return at;
    }
    at += length;
  }
  return at;
}
