import { createReadStream } from "node:fs";
import { type FileHandle, link, open, rm } from "node:fs/promises";
import type { Key } from "../brands.js";
import { fail } from "../diagnostics/diagnostic.js";
import { byCodeUnit } from "../keys/canonical.js";
import { filesOf, type SharedResult, sharedResultOf, sharedText } from "../remote/shared-result.js";
import type { Signer } from "../remote/signature.js";
import type { StoredFile } from "../run/record.js";
import { errorCode } from "../store/fs.js";
import type { Store } from "../store/store.js";
import { END, fileMember, LARGEST_MEMBER, memberBytes, memberHeader, resultMember } from "./layout.js";

/** What a bundle holds. */
export interface Exported {
  readonly results: number;
  readonly files: number;
  readonly bytes: number;
}

/** The result that a store has for a key, in the form in which it travels. @throws DiagnosticError `not-in-store`. */
export function resultIn(store: Store, key: Key): SharedResult {
  const found = store.lookup(key);
  const stored = store.storedKey(key);
  const result = found.hit && stored !== null ? sharedResultOf(found.entry, stored) : null;
  if (result !== null) return result;
  throw fail("not-in-store", `the store has no whole result for the key ${key.slice(0, 12)}`, {
    hint: "Run the pipeline again, then export.",
  });
}

/**
 * Writes a bundle: first texts by name, then results in the order given, then the files of these by digest.
 * @throws DiagnosticError `bundle-exists`, `bundle-not-written`, `bundle-too-large`.
 */
export async function writeBundle(
  path: string,
  first: ReadonlyMap<string, string>,
  results: readonly SharedResult[],
  store: Store,
  signer: Signer | null,
): Promise<Exported> {
  const texts = new Map([...first].map(([name, text]) => [name, Buffer.from(text)]));
  const files = new Map<string, StoredFile>();
  for (const result of results) {
    texts.set(resultMember(result.key), Buffer.from(sharedText(signer === null ? result : signer.sign(result))));
    for (const file of filesOf(result)) files.set(file.digest, file);
  }
  const ordered = [...files.values()].sort((a, b) => byCodeUnit(a.digest, b.digest));
  for (const { digest, size } of ordered) {
    if (size <= LARGEST_MEMBER) continue;
    throw fail(
      "bundle-too-large",
      `the file ${digest.slice(0, 12)} has ${size} bytes; a bundle takes files below 8 GiB`,
    );
  }
  const bytes = await written(path, async (handle) => {
    let total = END;
    for (const [name, text] of texts) {
      await handle.writeFile(memberHeader(name, text.length));
      await handle.writeFile(padded(text));
      total += memberBytes(text.length);
    }
    for (const { digest, size } of ordered) {
      await handle.writeFile(memberHeader(fileMember(digest), size));
      for await (const chunk of createReadStream(store.blobPath(digest))) await handle.writeFile(chunk as Buffer);
      await handle.writeFile(Buffer.alloc(memberBytes(size) - memberBytes(0) - size));
      total += memberBytes(size);
    }
    await handle.writeFile(Buffer.alloc(END));
    return total;
  });
  return { results: results.length, files: ordered.length, bytes };
}

function padded(text: Buffer): Buffer {
  return Buffer.concat([text, Buffer.alloc(memberBytes(text.length) - memberBytes(0) - text.length)]);
}

/** Writes a file beside its place, and gives it its name when it is whole. */
async function written(path: string, write: (handle: FileHandle) => Promise<number>): Promise<number> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    const handle = await open(temporary, "wx");
    let bytes: number;
    try {
      bytes = await write(handle);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await link(temporary, path);
    return bytes;
  } catch (error) {
    const code = errorCode(error);
    if (code === "EEXIST") throw fail("bundle-exists", `"${path}" is there already`, { hint: "Choose another name." });
    if (code === undefined) throw error;
    throw fail("bundle-not-written", `"${path}" cannot be written (${code})`, { hint: "Choose another place." });
  } finally {
    await rm(temporary, { force: true });
  }
}
