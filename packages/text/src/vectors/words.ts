/** Word vectors as they travel between stages: a dataset with a row for each word. */
export const WORD_VECTORS = { word: "utf8", vector: "vector" } as const;
