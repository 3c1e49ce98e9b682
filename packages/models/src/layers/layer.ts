import { type DiagnosticError, fail, type Random } from "@seqloom/core";
import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import type { z } from "zod";
import type { Device } from "../device.js";
import type { Initializer } from "../initializers/initializers.js";
import type { RegularizerParams } from "../regularizers.js";

/** A shape without the batch dimension; `null` is a length that differs between batches. */
export type Shape = readonly (number | null)[];

/** What flows between layers: float32 numbers, or ids in `[0, size)`. */
export interface Flow {
  readonly kind: "float" | "ids";
  readonly shape: Shape;
  /** Of ids only: the number of distinct ids. */
  readonly size?: number;
  /** Of ids only: the id that fills short rows, or -1. */
  readonly pad?: number;
}

/** A weight that a layer needs. */
export interface WeightSpec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly initializer: Initializer;
  /** The parameter `kernel_regularizer` or its like, as it was parsed. Its cost is added to the loss. */
  readonly regularizer?: RegularizerParams;
  /** Whether it begins with the vectors that a training is given beside its rows, instead of by the initializer. */
  readonly given?: boolean;
  /** False for what is not trained, such as state that the layer itself sets with {@link CallContext.update}. */
  readonly trainable?: boolean;
}

/** What stateful layers keep from batch to batch. */
export interface LayerMemory {
  /** The state after the batch before; undefined in the first one. */
  recall(name: string): Tensor | undefined;
  /** Takes the state after this batch. */
  keep(name: string, state: Tensor): void;
}

/** What a layer may use while it runs. */
export interface CallContext {
  readonly device: Device;
  /** Whether dropout is on. Then `random` is there: a stream of this layer and this step alone. */
  readonly training: boolean;
  readonly random: Random | null;
  /** `[batch, time]`, bool: which steps are real. `null`: all are. */
  readonly mask: Tensor | null;
  /** Gives a weight that is not trained its next value, once the step is done. Only while training. */
  readonly update?: (weight: string, value: Tensor) => void;
  /** Where stateful layers find their states; without it they begin with zeros. */
  readonly memory?: LayerMemory;
  /** Takes what the outputs of layers cost, where that is part of the loss. */
  readonly costs?: Scalar[];
}

/** What a layer gives. */
export interface CallResult {
  readonly output: Tensor;
  readonly mask: Tensor | null;
}

/** A layer once the shape of its input is known. */
export interface BuiltLayer {
  readonly output: Flow;
  readonly weights: readonly WeightSpec[];
  /** The parameter `activity_regularizer`, as it was parsed: what its outputs cost. */
  readonly activity?: RegularizerParams;
  /** Runs inside a tidy scope: what it makes on the way is disposed of by the caller. */
  call(x: Tensor, weights: Readonly<Record<string, Tensor>>, context: CallContext): CallResult;
}

/** A kind of layer: its name in YAML, its parameters, and how it is built. */
export interface LayerDefinition<S extends z.ZodObject = z.ZodObject> {
  /** Keras' name in snake case. */
  readonly name: string;
  /** Keras' class, for the summary. */
  readonly type: string;
  readonly params: S;
  /** Whether the parameter `activation` is the last thing that it applies, so that a loss may take it over. */
  readonly endsInActivation?: boolean;
  build(params: z.output<S>, input: Flow, place: string): BuiltLayer;
}

/** Defines a kind of layer. */
export function defineLayer<S extends z.ZodObject>(definition: LayerDefinition<S>): LayerDefinition<S> {
  return Object.freeze(definition);
}

/** A shape as errors write it: `[55, 32]`, `[any, 12]`. */
export function shapeText(shape: Shape): string {
  return `[${shape.map((size) => size ?? "any").join(", ")}]`;
}

/** The error of a layer that cannot take its input. `place` is such as `layers[1] (lstm)`. */
export function shapeError(place: string, expected: string, input: Flow, hint: string): DiagnosticError {
  const received = input.kind === "ids" ? `ids ${shapeText(input.shape)}` : shapeText(input.shape);
  return fail("layer-shape", `${place} expects ${expected}, received ${received}`, { hint });
}

/** The sizes of a shape that must all be known. */
export function knownShape(place: string, input: Flow, hint: string): readonly number[] {
  if (input.shape.includes(null)) throw shapeError(place, "a shape of fixed lengths", input, hint);
  return input.shape as readonly number[];
}

/** Refuses ids where numbers are needed. */
export function requireFloat(place: string, input: Flow): void {
  if (input.kind === "ids") {
    throw shapeError(place, "numbers", input, "Ids are names, not amounts: put an embedding layer before it.");
  }
}

/** The number of features of numbers whose last axis has a known size. */
export function requireFeatures(place: string, input: Flow): number {
  requireFloat(place, input);
  const features = input.shape.at(-1);
  if (typeof features === "number") return features;
  throw shapeError(place, "[…, features]", input, "The number of features must be the same in every row.");
}

/** The number of features of each step of sequences. */
export function requireSequence(place: string, input: Flow): number {
  requireFloat(place, input);
  const features = input.shape[1];
  if (input.shape.length === 2 && typeof features === "number") return features;
  const hint =
    "It reads sequences: it comes after embedding, or after a recurrent layer with `return_sequences: true`.";
  throw shapeError(place, "[time, features]", input, hint);
}
