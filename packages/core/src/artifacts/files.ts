import { fail } from "../diagnostics/diagnostic.js";
import { type ArtifactType, fileNamed, fromJsonBytes, jsonBytes } from "./artifact.js";
import { CODECS } from "./codecs.js";

/** A file for people and other programs: a sound, a picture, a table. */
export interface NamedFile {
  /** Relative, with `/` between folders: `numbers/seven.wav`. */
  readonly name: string;
  /** As in RFC 6838: `audio/wav`, `image/png`. */
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

/** Files that a stage makes. Their names differ. */
export type Files = readonly NamedFile[];

/** Bytes after which a new part begins. */
const PART = 8 << 20;

/** Files that a preview names. */
const NAMED = 24;

type Header = readonly { readonly name: string; readonly mediaType: string; readonly size: number }[];

/** The artifact type of {@link Files}: `files.bin`, four bytes of header length (little endian), a JSON header, then their bytes. */
export const files: ArtifactType<Files, "files"> = {
  name: "files",
  codec: CODECS.files,
  encode: async (value) => {
    checkNames(value);
    const header = jsonBytes(value.map(({ name, mediaType, bytes }) => ({ name, mediaType, size: bytes.length })));
    const size = new Uint8Array(4);
    new DataView(size.buffer).setUint32(0, header.length, true);
    return [{ name: "files.bin", bytes: Buffer.concat([size, header, ...value.map(({ bytes }) => bytes)]) }];
  },
  decode: async (encoded) => {
    const all = fileNamed(encoded, "files.bin");
    const length = new DataView(all.buffer, all.byteOffset).getUint32(0, true);
    let at = 4 + length;
    const value = fromJsonBytes<Header>(all.subarray(4, at)).map(({ name, mediaType, size }): NamedFile => {
      const bytes = all.subarray(at, at + size);
      at += size;
      return { name, mediaType, bytes };
    });
    // A result may come from another machine: its names must not lead out of the folder that it is written to.
    checkNames(value);
    return value;
  },
  parts: { cut: partsOf, join: (parts) => parts.flat() },
  preview: (value) => ({
    count: value.length,
    size: value.reduce((sum, { bytes }) => sum + bytes.length, 0),
    files: value.slice(0, NAMED).map(({ name, mediaType, bytes }) => ({ name, mediaType, size: bytes.length })),
  }),
};

function* partsOf(value: Files): Generator<Files> {
  let part: NamedFile[] = [];
  let size = 0;
  for (const file of value) {
    if (part.length > 0 && size + file.bytes.length > PART) {
      yield part;
      [part, size] = [[], 0];
    }
    part.push(file);
    size += file.bytes.length;
  }
  yield part;
}

// What Windows does not take either: a folder must be one that can be unpacked anywhere.
const UNSAFE = /[\\<>:"|?*]|\p{Cc}|^\/|\/$|(^|\/)\.{0,2}(\/|$)|[ .](\/|$)/u;

function checkNames(value: Files): void {
  const seen = new Set<string>();
  for (const { name } of value) {
    if (name === "" || UNSAFE.test(name)) {
      throw fail("file-name", `"${name}" is no name for a file that a stage makes`, {
        hint: 'Names are relative, with "/" between folders, and have none of \\ < > : " | ? *, no "..", and no dot or space last.',
      });
    }
    // Some file systems do not tell capitals from small letters.
    const folded = name.normalize("NFC").toLowerCase();
    if (seen.has(folded)) {
      throw fail("file-name", `two files are called "${name}"`, { hint: "Give each a name of its own." });
    }
    seen.add(folded);
  }
}
