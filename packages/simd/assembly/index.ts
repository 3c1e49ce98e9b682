// What the host sees of the kernels. No function here may allocate, and no module may have data or changing globals (but
// see thread.ts): each thread has an instance of its own over the one memory.
export { abandon, run, serve, stop } from "./pool";
export { attentionChunks, attentionScratchBytes } from "./attention";
export { ctcScratchBytes } from "./ctc";
export { indicesFit } from "./embedding";
export { convScratchBytes, filterScratchBytes } from "./conv";
export { gemmTiles } from "./gemm";
export { gemmScratchBytes } from "./gemm-packed";
export { writeConstants } from "./math";
export { lstmScratchBytes } from "./lstm-backward";
export { lstmChunks, lstmGroups, lstmKeptBytes } from "./lstm-layout";
export { biasSumsAt, recurrentKeptBytes, recurrentScratchBytes, recurrentSumBytes, recurrentSumsAt } from "./recurrent-layout";
export { joinChunks, wordScratchBytes } from "./word-vectors";
