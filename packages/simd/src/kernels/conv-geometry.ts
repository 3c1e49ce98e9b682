import { backend_util } from "@tensorflow/tfjs-core";

/** Padding as TensorFlow.js has it: a name, a number of pixels on all sides, or pairs for batch, height, width and channels. */
export type Padding = "same" | "valid" | number | backend_util.ExplicitPadding;

/** Attributes of the kernels of convolutions and pooling. */
export interface WindowAttributes {
  readonly strides: number | [number, number];
  readonly pad: Padding;
  readonly dilations?: number | [number, number] | null;
  readonly dimRoundingMode?: "floor" | "round" | "ceil";
  readonly dataFormat?: "NHWC" | "NCHW";
}

/** Attributes of the gradient by the input. */
export interface InputGradientAttributes extends WindowAttributes {
  readonly inputShape: readonly number[];
}

/** Attributes of the gradient by the filter. */
export interface FilterGradientAttributes extends WindowAttributes {
  readonly filterShape: readonly number[];
}

/** A window that moves over images [batch, inH, inW, inC] and gives [batch, outH, outW, outC]. */
export interface Geometry {
  readonly batch: number;
  readonly inH: number;
  readonly inW: number;
  readonly inC: number;
  readonly outH: number;
  readonly outW: number;
  readonly outC: number;
  readonly kernelH: number;
  readonly kernelW: number;
  readonly strideH: number;
  readonly strideW: number;
  readonly dilationH: number;
  readonly dilationW: number;
  readonly top: number;
  readonly left: number;
}

function geometryOf(info: backend_util.Conv2DInfo): Geometry {
  return {
    batch: info.batchSize,
    inH: info.inHeight,
    inW: info.inWidth,
    inC: info.inChannels,
    outH: info.outHeight,
    outW: info.outWidth,
    outC: info.outChannels,
    kernelH: info.filterHeight,
    kernelW: info.filterWidth,
    strideH: info.strideHeight,
    strideW: info.strideWidth,
    dilationH: info.dilationHeight,
    dilationW: info.dilationWidth,
    top: info.padInfo.top,
    left: info.padInfo.left,
  };
}

type Shape4 = [number, number, number, number];

/** The geometry of a convolution; undefined for channels that come first, which the kernels here do not know. */
export function convolutionOf(
  input: readonly number[],
  kernel: readonly number[],
  { strides, pad, dilations, dimRoundingMode, dataFormat = "NHWC" }: WindowAttributes,
  depthwise = false,
): Geometry | undefined {
  if (dataFormat !== "NHWC") return undefined;
  return geometryOf(
    backend_util.computeConv2DInfo(
      [...input] as Shape4,
      [...kernel] as Shape4,
      strides,
      dilations ?? 1,
      pad,
      dimRoundingMode,
      depthwise,
    ),
  );
}

/** The geometry of a pooling. */
export function poolingOf(
  input: readonly number[],
  { strides, pad, dimRoundingMode, filterSize }: WindowAttributes & { readonly filterSize: number | [number, number] },
): Geometry {
  return geometryOf(backend_util.computePool2DInfo([...input] as Shape4, filterSize, strides, 1, pad, dimRoundingMode));
}

/** The numbers of a geometry as the tasks take them (packages/simd/assembly/conv-patches.ts), from argument 8 on. */
export function geometryArguments(g: Geometry, spacingH = 1, spacingW = 1): number[] {
  const sizes = [g.outH, g.outW, g.inH, g.inW, g.inC, g.kernelH, g.kernelW];
  return [...sizes, g.strideH, g.strideW, g.dilationH, g.dilationW, g.top, g.left, spacingH, spacingW];
}

/** Whether a patch lies in the images as it is: one line of a kernel that never reaches beyond the image. */
export function isDirect(g: Geometry): boolean {
  const inside = g.top === 0 && g.left === 0 && (g.outW - 1) * g.strideW + g.kernelW <= g.inW;
  return g.kernelH === 1 && g.dilationW === 1 && inside && (g.outH - 1) * g.strideH < g.inH;
}
