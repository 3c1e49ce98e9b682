/**
 * @file The form of a bundle: a tar archive (POSIX ustar) that any tar can list. There is one archive for one content: no times, no
 * owners, a fixed order. Members: `bundle.json`, then `results/<key>.json` by key, then `files/<sha256>` by digest. A bundle
 * of a run has `run.json`, `pipeline.yaml` and `keys/<key>.json` by key after the first.
 */

/** What `bundle.json` holds: of results alone, or of a run, with or without its results. All lists are sorted. */
export type BundleIndex =
  | { readonly schema: "bundle/1"; readonly results: readonly string[] }
  | { readonly schema: "run-bundle/1"; readonly keys: readonly string[]; readonly results: readonly string[] };

/** Archives are made of blocks of this many bytes. */
export const BLOCK = 512;

/** What follows the last member. */
export const END = 2 * BLOCK;

/** The largest member that eleven octal digits can tell. */
export const LARGEST_MEMBER = 8 ** 11 - 1;

/** Bytes that a member takes, with its header and what fills its last block. */
export function memberBytes(size: number): number {
  return BLOCK + Math.ceil(size / BLOCK) * BLOCK;
}

/** The header of a regular file: the only kind of member that there is. */
export function memberHeader(name: string, size: number): Buffer {
  const header = Buffer.alloc(BLOCK);
  header.write(name, 0, 100, "ascii");
  header.write("0000644\0", 100, "ascii");
  header.write("0000000\0", 108, "ascii");
  header.write("0000000\0", 116, "ascii");
  header.write(`${size.toString(8).padStart(11, "0")}\0`, 124, "ascii");
  header.write("00000000000\0", 136, "ascii");
  header.write("        ", 148, "ascii");
  header.write("0", 156, "ascii");
  header.write("ustar\x0000", 257, "ascii");
  header.write("0000000\0", 329, "ascii");
  header.write("0000000\0", 337, "ascii");
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "ascii");
  return header;
}

/** The size that a header tells; null when that is no number. */
export function sizeIn(header: Buffer): number | null {
  const text = header.toString("latin1", 124, 136);
  return /^[0-7]{11}\0$/.test(text) ? Number.parseInt(text, 8) : null;
}

/** The name of the member with a result. */
export function resultMember(key: string): string {
  return `results/${key}.json`;
}

/** The name of the member with a file of results. */
export function fileMember(digest: string): string {
  return `files/${digest}`;
}
