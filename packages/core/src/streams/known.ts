/**
 * @file The chunks that need not be computed again: those of earlier results of the same stage. They are found through the
 * entries of these results, so they live exactly as long, and there is nothing else to keep or to collect.
 */
import type { Digest, Key } from "../brands.js";
import type { Json } from "../json.js";
import { canonical } from "../keys/canonical.js";
import { type KeyRecord, READS, sha256 } from "../keys/record.js";
import type { StageNode } from "../pipeline/pipeline.js";
import type { StoredChunk, StoredFile } from "../run/record.js";
import { lastKeys, recentKeys } from "../store/history.js";
import type { Lookup, Store } from "../store/store.js";
import { noteUses } from "../store/uses.js";

/** A chunk of an earlier result. */
export interface KnownChunk {
  readonly file: StoredFile;
  readonly chunk: StoredChunk;
  /** The preview of its dataset where it was the first chunk, with the sample rows that the summary lacks. */
  readonly preview: Json | null;
}

/** Earlier results that are looked into. */
const RESULTS = 4;

/** Chunks of earlier results of a stage with this code and these parameters, by what they were computed from. */
export async function knownChunks(
  store: Store,
  lookup: (key: Key) => Promise<Lookup>,
  pipeline: string,
  node: StageNode,
  record: KeyRecord,
): Promise<ReadonlyMap<Digest, KnownChunk>> {
  const known = new Map<Digest, KnownChunk>();
  const last = lastKeys(store, pipeline);
  const own = Object.hasOwn(last, node.name) ? [last[node.name]] : [];
  const wanted = functionOf(node, record);
  let results = 0;
  for (const key of new Set([...own, ...recentKeys(store, node.stage.id)])) {
    if (results === RESULTS) break;
    const stored = store.storedKey(key);
    if (stored === null || functionOf(node, stored.record) !== wanted) continue;
    const found = await lookup(key);
    const data = found.hit ? found.entry.outputs.data : undefined;
    if (data?.chunks?.length !== data?.files.length) continue;
    results++;
    // What is used stays in the store at least until the run that uses it is over.
    noteUses(store, [key]);
    for (const [place, chunk] of (data?.chunks ?? []).entries()) {
      const preview = place === 0 ? (data?.preview ?? null) : null;
      const before = known.get(chunk.from);
      if (before === undefined || (before.preview === null && preview !== null)) {
        known.set(chunk.from, { file: data!.files[place], chunk, preview });
      }
    }
  }
  return known;
}

/** What a chunk depends on beside what it is computed from: for a source that is its files but those that its code reads, for others their inputs. */
function functionOf(node: StageNode, record: KeyRecord): string {
  const { inputs, files, ...rest } = record;
  const { [READS]: reads } = files;
  const own = reads === undefined ? {} : { [READS]: reads };
  return sha256(canonical(node.stage.pieces ? { ...rest, inputs, files: own } : { ...rest, files }));
}
