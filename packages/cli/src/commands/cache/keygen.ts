import { writeFileSync } from "node:fs";
import { type Command, EXIT, flagValue, UsageError } from "../../command.js";

/** Makes the keys of whoever publishes. */
export const keygen: Command = {
  name: "cache keygen",
  summary: "Make a pair of keys to sign what is published to a remote cache",
  positionals: [],
  flags: {
    out: { type: "string", value: "PATH", description: "Where the private key goes (default: seqloom-cache.key)" },
    json: { type: "boolean", description: "Print JSON on standard output" },
  },
  notes: [
    [
      "The two keys",
      [
        ["public", "printed: readers put it under cache.trust of seqloom.config.yaml, or into SEQLOOM_CACHE_TRUST"],
        ["private", "in the file, readable by you alone: writers put its content into SEQLOOM_CACHE_SIGNING_KEY"],
      ],
    ],
  ],
  examples: [
    ["seqloom cache keygen", "A pair of keys: Ed25519"],
    ["seqloom cache keygen --out ~/secrets/cache.key", "The private key elsewhere"],
  ],

  async run(args, { out, err }) {
    const path = flagValue(args, "out") ?? "seqloom-cache.key";
    const { createSigningKeys } = await import("@seqloom/core/remote");
    const { publicKey, privateKey } = createSigningKeys();
    try {
      writeFileSync(path, `${privateKey}\n`, { mode: 0o600, flag: "wx" });
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EEXIST")
        throw new UsageError(`${path} is there already`, "A key is never replaced: choose another --out.");
      throw new UsageError(`${path} cannot be written (${code})`, "Choose another --out.");
    }
    if (args.has.has("json")) out.write(`${JSON.stringify({ public_key: publicKey, private_key_file: path })}\n`);
    else {
      out.write(`${publicKey}\n`);
      err.write(`The private key is in ${path}. Keep it secret: who has it can publish what others trust.\n`);
    }
    return EXIT.ok;
  },
};
