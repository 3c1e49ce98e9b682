/** @file Artifacts between memory and files: what workers and predictors share. */
import { readFile, writeFile } from "node:fs/promises";
import { type EncodedFile, partName, wholeName } from "../artifacts/artifact.js";
import { type ArtifactName, artifactType } from "../artifacts/index.js";
import type { Digest } from "../brands.js";
import { DiagnosticError, fail } from "../diagnostics/diagnostic.js";
import type { Json } from "../json.js";
import { sha256 } from "../keys/record.js";
import { storeDiagnostic } from "../store/errors.js";
import { errorCode } from "../store/fs.js";
import { artifactDigest } from "./artifact-digest.js";
import type { StoredFile, StoredOutput } from "./record.js";
import type { TaskInput } from "./task.js";

/**
 * The value of a stored artifact. Its bytes are compared with their digests on the way: reading them costs more.
 * @throws DiagnosticError `artifact-damaged`, with the digest in its details.
 */
export async function readArtifact(input: TaskInput): Promise<unknown> {
  const type = artifactType(input.artifact);
  if (type.parts === undefined) return type.decode(await Promise.all(input.files.map(readFileOf)));
  const values: unknown[] = [];
  for await (const value of readParts(input)) values.push(value);
  return values.length === 1 ? values[0] : type.parts.join(values);
}

/** The parts of a stored artifact, one at a time. */
export async function* readParts({ artifact, files }: TaskInput): AsyncGenerator<unknown> {
  for (const file of files) {
    const { bytes } = await readFileOf(file);
    yield await artifactType(artifact).decode([{ name: wholeName(file.name), bytes }]);
  }
}

async function readFileOf({ name, path, digest }: TaskInput["files"][number]): Promise<EncodedFile> {
  const bytes = await readBlob(path, digest);
  if (sha256(bytes) !== digest) throw damaged(name, digest, "was changed");
  return { name, bytes };
}

async function readBlob(path: string, digest: Digest): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    if (errorCode(error) === "ENOENT") throw damaged(path, digest, "is missing");
    throw error;
  }
}

function damaged(name: string, digest: Digest, problem: string): DiagnosticError {
  return fail("artifact-damaged", `the stored file ${name} (${digest.slice(0, 12)}) ${problem} since it was written`, {
    hint: "Run again: it was taken out of the store, and the stage that makes it will make it anew.",
    details: { digest },
  });
}

/**
 * Encodes an artifact into files, hashed as they are written.
 * @throws DiagnosticError `disk-full` and the like.
 */
export async function writeArtifact(
  artifact: ArtifactName,
  value: unknown,
  pathOf: (name: string) => string,
  store: string,
): Promise<StoredOutput> {
  const type = artifactType(artifact);
  const parts = (type.parts?.cut(value) ?? [value])[Symbol.iterator]();
  const files: StoredFile[] = [];
  let part = parts.next();
  for (let place = 0; part.done !== true; place++) {
    const next = parts.next();
    const only = place === 0 && next.done === true;
    const nameOf = (name: string): string => (only ? name : partName(name, place));
    files.push(...(await writePart(artifact, part.value, nameOf, pathOf, store)));
    part = next;
  }
  return outputOf(artifact, files, type.preview(value));
}

/** As {@link writeArtifact}, for a value that is one part and goes into one file of this name. */
export async function writeChunk(
  artifact: ArtifactName,
  value: unknown,
  file: string,
  pathOf: (name: string) => string,
  store: string,
): Promise<StoredOutput> {
  const files = await writePart(artifact, value, () => file, pathOf, store);
  return outputOf(artifact, files, artifactType(artifact).preview(value));
}

async function writePart(
  artifact: ArtifactName,
  value: unknown,
  nameOf: (name: string) => string,
  pathOf: (name: string) => string,
  store: string,
): Promise<readonly StoredFile[]> {
  const encoded = await artifactType(artifact).encode(value);
  const files = encoded.map(({ name, bytes }) => ({ name: nameOf(name), digest: sha256(bytes), size: bytes.length }));
  try {
    await Promise.all(encoded.map(({ bytes }, i) => writeFile(pathOf(files[i].name), bytes)));
  } catch (error) {
    const diagnostic = storeDiagnostic(error, store);
    throw diagnostic === null ? error : new DiagnosticError(diagnostic);
  }
  return files;
}

/** What the store keeps of an artifact in these files. */
export function outputOf(artifact: ArtifactName, files: readonly StoredFile[], preview: Json): StoredOutput {
  const { codec } = artifactType(artifact);
  return { artifact, codec, digest: artifactDigest(artifact, codec, files), files, preview };
}
