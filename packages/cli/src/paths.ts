import { relative } from "node:path";

/** A path as a person would type it here: relative where that is shorter and does not lead far away. */
export function shownPath(path: string): string {
  const short = relative(process.cwd(), path);
  return short === "" || short.startsWith("../..") || short.length >= path.length ? path : short;
}
