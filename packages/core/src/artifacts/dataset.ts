import { cutDataset } from "../dataset/cut.js";
import type { Dataset } from "../dataset/dataset.js";
import { joinDatasets } from "../dataset/join.js";
import { previewDataset } from "../dataset/preview.js";
import { type ArtifactType, fileNamed } from "./artifact.js";
import { CODECS } from "./codecs.js";

/** The artifact type of a {@link Dataset}: Arrow IPC files of some megabytes each, which pandas, Polars and DuckDB read. */
export const datasetArtifact: ArtifactType<Dataset, "dataset"> = {
  name: "dataset",
  codec: CODECS.dataset,
  // Arrow costs 90 ms to load: only a process that really reads or writes a dataset pays it.
  encode: async (value) => [{ name: "data.arrow", bytes: (await import("../dataset/arrow.js")).datasetToArrow(value) }],
  decode: async (files) => (await import("../dataset/arrow.js")).datasetFromArrow(fileNamed(files, "data.arrow")),
  parts: { cut: cutDataset, join: joinDatasets },
  preview: previewDataset,
};
