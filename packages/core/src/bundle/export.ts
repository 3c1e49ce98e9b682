import type { Key } from "../brands.js";
import { byCodeUnit } from "../keys/canonical.js";
import type { Signer } from "../remote/signature.js";
import type { Store } from "../store/store.js";
import type { BundleIndex } from "./layout.js";
import { type Exported, resultIn, writeBundle } from "./write.js";

/**
 * Writes results of a store into one file, which must not be there yet. The same results give the same bytes.
 * @throws DiagnosticError `not-in-store` for a key without a result, `bundle-exists`, `bundle-not-written`, `bundle-too-large`.
 */
export async function exportBundle(
  store: Store,
  keys: readonly Key[],
  path: string,
  signer: Signer | null = null,
): Promise<Exported> {
  const results = [...new Set(keys)].sort(byCodeUnit).map((key) => resultIn(store, key));
  const index: BundleIndex = { schema: "bundle/1", results: results.map(({ key }) => key) };
  return writeBundle(path, new Map([["bundle.json", JSON.stringify(index)]]), results, store, signer);
}
