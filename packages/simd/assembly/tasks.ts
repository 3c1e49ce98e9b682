// Tasks by their number. The numbers are the `Task` table of src/tasks.ts.
import { copy } from "./copy";
import { binary, unary } from "./elementwise";
import { gather, scatterAdd } from "./embedding";
import { gemm, packStripe } from "./gemm";
import { lstmBackward, lstmInputBackward } from "./lstm-backward";
import { lstmForward } from "./lstm-forward";
import { packBackward, packForward, reduceWeights } from "./lstm-pack";
import { adam, descend, squares } from "./optimizer";
import { argMaxRow, reduceColumns, reduceRow } from "./reduce";
import { crossEntropy, crossEntropyGradient, softmax } from "./softmax";

/** Runs one chunk of a task. */
export function execute(task: i32, chunk: i32): void {
  switch (task) {
    case 0: return unary(chunk);
    case 1: return binary(chunk);
    case 2: return reduceRow(chunk);
    case 3: return reduceColumns(chunk);
    case 4: return copy(chunk);
    case 5: return gather(chunk);
    case 6: return scatterAdd(chunk);
    case 7: return packStripe(chunk);
    case 8: return gemm(chunk);
    case 9: return softmax(chunk);
    case 10: return crossEntropy(chunk);
    case 11: return crossEntropyGradient(chunk);
    case 12: return adam(chunk);
    case 13: return descend(chunk);
    case 14: return squares(chunk);
    case 15: return packForward(chunk);
    case 16: return packBackward(chunk);
    case 17: return lstmForward(chunk);
    case 18: return lstmBackward(chunk);
    case 19: return lstmInputBackward(chunk);
    case 20: return reduceWeights(chunk);
    case 21: return argMaxRow(chunk);
  }
}
