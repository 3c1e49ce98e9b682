import { createHash } from "node:crypto";
import type * as Esbuild from "esbuild";

/** What one file contributes to the code of a stage: its path as the bundler names it, and the digest of what is left of it. */
export type Section = readonly [path: string, digest: string];

/**
 * The parts of a bundle by the file that they come from, in order. The bundler heads each with a comment that names the file;
 * each is stripped of spaces and comments before it is hashed, so that neither counts.
 */
export async function sectionsOf(
  bundle: string,
  inputs: ReadonlySet<string>,
  { transform }: Pick<typeof Esbuild, "transform">,
  digests: Map<string, string>,
): Promise<Section[]> {
  const sections: { path: string; lines: string[] }[] = [{ path: "", lines: [] }];
  for (const line of bundle.split("\n")) {
    const path = line.startsWith("// ") ? line.slice(3) : null;
    if (path !== null && inputs.has(path)) sections.push({ path, lines: [] });
    else sections.at(-1)?.lines.push(line);
  }
  const found: Section[] = [];
  for (const { path, lines } of sections) {
    const text = lines.join("\n");
    if (text.trim() === "") continue;
    const digest = digests.get(text) ?? (await digestOf(text, transform));
    digests.set(text, digest);
    found.push([path, digest]);
  }
  return found;
}

async function digestOf(text: string, transform: typeof Esbuild.transform): Promise<string> {
  const { code } = await transform(text, {
    loader: "js",
    format: "esm",
    target: "node20",
    minifyWhitespace: true,
    legalComments: "none",
    tsconfigRaw: "{}",
  });
  return createHash("sha256").update(code).digest("hex");
}
