import { dirname, resolve } from "node:path";
import { storeDirectory } from "@seqloom/core/start";

/** The packages whose stages pipelines may use. */
const PACKAGES = ["@seqloom/data", "@seqloom/text", "@seqloom/audio", "@seqloom/models"];

/** The folder of the store of a pipeline file. */
export function homeOf(file: string): string {
  return storeDirectory(dirname(resolve(file)));
}

/** The lists of installed stages. */
export function manifests(): URL[] {
  return PACKAGES.map((name) => new URL(import.meta.resolve(`${name}/stages.json`)));
}
