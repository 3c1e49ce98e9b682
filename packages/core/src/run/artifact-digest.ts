import type { ArtifactName } from "../artifacts/index.js";
import type { Digest } from "../brands.js";
import { canonical } from "../keys/canonical.js";
import { sha256 } from "../keys/record.js";
import type { StoredFile } from "./record.js";

/** Names an artifact: its type, its encoding, and the names and contents of its files. */
export function artifactDigest(artifact: ArtifactName, codec: string, files: readonly StoredFile[]): Digest {
  const content = files.map(({ name, digest, size }) => ({ name, digest, size }));
  return sha256(canonical({ artifact, codec, files: content }));
}
