import { type ArtifactType, fileNamed } from "./artifact.js";
import { CODECS } from "./codecs.js";

/** The artifact type of a piece of text: one UTF-8 file. */
export const text: ArtifactType<string, "text"> = {
  name: "text",
  codec: CODECS.text,
  encode: async (value) => [{ name: "text.txt", bytes: new TextEncoder().encode(value) }],
  decode: async (files) => new TextDecoder("utf-8", { ignoreBOM: true }).decode(fileNamed(files, "text.txt")),
  preview: (value) => (value.length > 2000 ? `${value.slice(0, 2000)}…` : value),
};
