export { fileGroups, fileProblems, filesParam, isSplit, type Part, partsOf } from "./sources.js";
export { encodeLabels } from "./stages/encode-labels.js";
export { generateReviews } from "./stages/generate-reviews.js";
export { loadCsv } from "./stages/load-csv.js";
export { loadFolders } from "./stages/load-folders.js";
export { loadJsonl } from "./stages/load-jsonl.js";
export { loadLines } from "./stages/load-lines.js";
export { split } from "./stages/split.js";
export { standardise } from "./stages/standardise.js";
