/** @file Ed25519 signatures over results: who may put something into a shared cache is decided by those who read it. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from "node:crypto";
import { fail } from "../diagnostics/diagnostic.js";
import { canonical } from "../keys/canonical.js";
import type { SharedResult } from "./shared-result.js";

const PUBLIC = /^ed25519:([A-Za-z0-9_-]{43})$/;
const PRIVATE = /^ed25519-private:([A-Za-z0-9_-]{43})\.([A-Za-z0-9_-]{43})$/;

/** A pair of keys as text: 32 bytes each, in base64url. */
export interface SigningKeys {
  readonly publicKey: string;
  readonly privateKey: string;
}

/** Puts a name under results. */
export interface Signer {
  readonly publicKey: string;
  sign(result: SharedResult): SharedResult;
}

/** Makes a new pair of keys. */
export function createSigningKeys(): SigningKeys {
  const { d, x } = generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" });
  return { publicKey: `ed25519:${x}`, privateKey: `ed25519-private:${d}.${x}` };
}

/**
 * The signer with this private key.
 * @param variable where the key was found, for the message: the key itself is never shown
 * @throws DiagnosticError `cache-key`
 */
export function openSigner(privateKey: string, variable: string): Signer {
  const [, d, x] = PRIVATE.exec(privateKey.trim()) ?? [];
  if (d === undefined || x === undefined) {
    throw fail("cache-key", `the variable ${variable} holds no private key of \`seqloom cache keygen\``, {
      hint: `Set it to the content of the key file: export ${variable}="$(cat seqloom-cache.key)"`,
    });
  }
  const key = createPrivateKey({ key: { kty: "OKP", crv: "Ed25519", d, x }, format: "jwk" });
  const publicKey = `ed25519:${createPublicKey(key).export({ format: "jwk" }).x}`;
  return {
    publicKey,
    sign: (result) => {
      const value = sign(null, signedBytes(result), key).toString("base64url");
      return { ...result, signature: { by: publicKey, value } };
    },
  };
}

/** The keys that are trusted. An empty list means that nobody asked for signatures. */
export class Trust {
  readonly #keys: ReadonlyMap<string, KeyObject>;

  /** @throws DiagnosticError `cache-key` */
  constructor(publicKeys: readonly string[]) {
    this.#keys = new Map(publicKeys.map((text) => [text, publicKeyOf(text)]));
  }

  /** Why a result is not to be used; null when it may be. */
  objection(result: SharedResult): string | null {
    if (this.#keys.size === 0) return null;
    const { signature } = result;
    if (signature === undefined) return "is not signed";
    const key = this.#keys.get(signature.by);
    if (key === undefined) return "is signed by a key that is not trusted";
    const right = verify(null, signedBytes(result), key, Buffer.from(signature.value, "base64url"));
    return right ? null : "has a signature that does not fit it";
  }
}

function publicKeyOf(text: string): KeyObject {
  const [, x] = PUBLIC.exec(text) ?? [];
  if (x === undefined) {
    throw fail("cache-key", `"${text.slice(0, 80)}" is no public key: one begins with ed25519:`, {
      hint: "`seqloom cache keygen` prints the public key of the pair that it makes.",
    });
  }
  return createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
}

/** Everything but the signature: previews and times are shown to people, so they are vouched for too. */
function signedBytes({ signature, ...result }: SharedResult): Uint8Array {
  return canonical(result);
}
