/** Numbers of the tasks in packages/simd/assembly/tasks.ts. */
export const Task = {
  unary: 0,
  binary: 1,
  reduceRow: 2,
  reduceColumns: 3,
  copy: 4,
  gather: 5,
  scatterAdd: 6,
  packStripe: 7,
  gemm: 8,
  softmax: 9,
  crossEntropy: 10,
  crossEntropyGradient: 11,
  adam: 12,
  descend: 13,
  squares: 14,
  packForward: 15,
  packBackward: 16,
  lstmForward: 17,
  lstmBackward: 18,
  lstmInputBackward: 19,
  reduceWeights: 20,
  argMaxRow: 21,
} as const;

/** Functions of one number (packages/simd/assembly/elementwise.ts). */
export const Unary = {
  Neg: 0,
  Abs: 1,
  Square: 2,
  Sqrt: 3,
  Rsqrt: 4,
  Reciprocal: 5,
  Exp: 6,
  Log: 7,
  Sigmoid: 8,
  Tanh: 9,
  Relu: 10,
  Relu6: 11,
  Softplus: 12,
  Elu: 13,
  LeakyRelu: 14,
  ClipByValue: 15,
  Step: 16,
  HardSigmoid: 17,
  Floor: 18,
  fromInteger: 19,
  Log1p: 20,
  Expm1: 21,
  Selu: 22,
} as const;

/** Functions of two numbers (packages/simd/assembly/elementwise.ts). */
export const Binary = {
  Add: 0,
  Sub: 1,
  Multiply: 2,
  RealDiv: 3,
  Maximum: 4,
  Minimum: 5,
  SquaredDifference: 6,
  reluGradient: 7,
  sigmoidGradient: 8,
  tanhGradient: 9,
} as const;

/** Sizes by which the kernels cut their work; they must agree with packages/simd/assembly. */
export const Stretch = {
  unary: 16384,
  columns: 64,
  gatherRows: 512,
  scatterParts: 16,
  softmaxRows: 32,
  update: 8192,
} as const;
