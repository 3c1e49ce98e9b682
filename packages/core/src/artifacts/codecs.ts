/**
 * Name and version of the encoding of each artifact type. Apart from the codecs themselves, because every key names them
 * and a run with nothing to do must not load what it does not use.
 */
export const CODECS = {
  dataset: "arrow/2",
  vocabulary: "vocabulary-json/1",
  model: "model/1",
  metrics: "metrics-json/1",
  matrix: "matrix/1",
  text: "utf8/1",
  files: "files/1",
} as const;
