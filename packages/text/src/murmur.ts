const encoder = new TextEncoder();

/**
 * MurmurHash3 for 32 bits, x86 variant, seed 0, of the text's UTF-8 (Austin Appleby, public domain), as a signed number:
 * the hash that scikit-learn's HashingVectorizer takes.
 */
export function murmur3(text: string): number {
  const bytes = encoder.encode(text);
  const { length } = bytes;
  const blocks = length & ~3;
  let hash = 0;
  for (let at = 0; at < blocks; at += 4) {
    hash ^= scrambled(bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24));
    hash = (hash << 13) | (hash >>> 19);
    hash = Math.imul(hash, 5) + 0xe6546b64;
  }
  let rest = 0;
  for (let at = length - 1; at >= blocks; at--) rest = (rest << 8) | bytes[at];
  if (length > blocks) hash ^= scrambled(rest);
  hash ^= length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

function scrambled(block: number): number {
  const product = Math.imul(block, 0xcc9e2d51);
  return Math.imul((product << 15) | (product >>> 17), 0x1b873593);
}
