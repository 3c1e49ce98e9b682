/**
 * @file Weights of PyTorch's modules in Keras' layout. PyTorch has outputs before inputs, `[out, in]`, its LSTM the gates
 * i, f, g, o and two biases that are added, its GRU the gates r, z, n and two biases of which one is inside the reset.
 */
import { fail } from "@seqloom/core";
import { layers } from "../layers/index.js";
import type { WeightSpec } from "../layers/layer.js";
import { chosen } from "../params/choice.js";
import type { Weight } from "./file.js";
import { add, blocks, partOf, permute, stack, transpose } from "./reorder.js";

/** One layer that weights are looked up for. */
export interface Wanted {
  /** Name of the layer, for messages. */
  readonly layer: string;
  /** Keras' class. */
  readonly type: string;
  readonly weights: readonly WeightSpec[];
  readonly params: Readonly<Record<string, unknown>>;
  /** Of recurrent layers: which of the module's stacked layers this is, from 0. */
  readonly level: number;
  /** `_reverse` for the direction from the end. */
  readonly direction: "" | "_reverse";
  /** The module's tensor of a name, such as `weight_ih_l0`. */
  readonly tensor: (name: string) => Weight;
}

type Reader = (wanted: Wanted) => Readonly<Record<string, Weight>>;

/** z, r, h of Keras from r, z, n of PyTorch. */
const GRU_GATES = [1, 0, 2];

const READERS: Readonly<Record<string, Reader>> = {
  Dense: (wanted) => ({ kernel: transpose(wanted.tensor("weight")), ...bias(wanted) }),
  Embedding: ({ tensor }) => ({ embeddings: tensor("weight") }),
  LSTM: recurrent,
  SimpleRNN: recurrent,
  GRU: gru,
  Bidirectional: bidirectional,
  Conv1D: (wanted) => ({ kernel: permute(wanted.tensor("weight"), [2, 1, 0]), ...bias(wanted) }),
  Conv2D: (wanted) => ({ kernel: permute(wanted.tensor("weight"), [2, 3, 1, 0]), ...bias(wanted) }),
  DepthwiseConv2D: (wanted) => ({ depthwise_kernel: depthwise(wanted), ...bias(wanted) }),
  LayerNormalization: norm,
  RMSNormalization: norm,
  BatchNormalization: norm,
  MultiHeadAttention: attention,
  TransformerEncoder: (wanted) => ({
    ...part(wanted, "attention", "MultiHeadAttention", "self_attn"),
    ...part(wanted, "attention_norm", "LayerNormalization", "norm1"),
    ...part(wanted, "feed_forward", "Dense", "linear1"),
    ...part(wanted, "feed_forward_output", "Dense", "linear2"),
    ...part(wanted, "feed_forward_norm", "LayerNormalization", "norm2"),
  }),
};

/**
 * The weights of a layer from a module of PyTorch.
 * @throws DiagnosticError `weights-missing`; `weights-layer` for a layer that PyTorch has no module for.
 */
export function fromPyTorch(wanted: Wanted): Readonly<Record<string, Weight>> {
  const reader = READERS[wanted.type];
  if (reader !== undefined) return reader(wanted);
  throw fail("weights-layer", `layer ${wanted.layer} (${wanted.type}) has no counterpart in PyTorch to read from`, {
    hint: `Store its weights in Keras' layout and import them with order: keras. Known: ${Object.keys(READERS).join(", ")}.`,
  });
}

function has({ weights }: Wanted, name: string): boolean {
  return weights.some((weight) => weight.name === name);
}

function bias(wanted: Wanted): Readonly<Record<string, Weight>> {
  return has(wanted, "bias") ? { bias: wanted.tensor("bias") } : {};
}

/** `[channels · multiplier, 1, height, width]` → `[height, width, channels, multiplier]`. */
function depthwise({ weights, tensor }: Wanted): Weight {
  const { shape, values } = tensor("weight");
  const [, , channels, multiplier] = weights.find(({ name }) => name === "depthwise_kernel")?.shape ?? [];
  if (shape.length !== 4 || shape[0] !== channels * multiplier || shape[1] !== 1) return { shape, values };
  return permute({ shape: [channels, multiplier, ...shape.slice(2)], values }, [2, 3, 0, 1]);
}

/** The tensor of one of a recurrent module's stacked layers, in one direction. */
function ofLevel({ level, direction, tensor }: Wanted, name: string): Weight {
  return tensor(`${name}_l${level}${direction}`);
}

/** `[gates · units, …]` → `[…, gates · units]`. The two biases are added wherever they are used. */
function recurrent(wanted: Wanted): Readonly<Record<string, Weight>> {
  const matrices = {
    kernel: transpose(ofLevel(wanted, "weight_ih")),
    recurrent_kernel: transpose(ofLevel(wanted, "weight_hh")),
  };
  if (!has(wanted, "bias")) return matrices;
  return { ...matrices, bias: add(ofLevel(wanted, "bias_ih"), ofLevel(wanted, "bias_hh")) };
}

/** As {@link recurrent}, with the gates in Keras' order; the biases, `[2, 3 · units]`, stay two. */
function gru(wanted: Wanted): Readonly<Record<string, Weight>> {
  if (wanted.params.reset_after === false) {
    throw fail("weights-layer", `layer ${wanted.layer} has reset_after: false, and PyTorch's GRU resets after`, {
      hint: "Leave reset_after out: true is the default.",
    });
  }
  const gates = (name: string): Weight => blocks(ofLevel(wanted, name), GRU_GATES);
  const matrices = { kernel: transpose(gates("weight_ih")), recurrent_kernel: transpose(gates("weight_hh")) };
  return has(wanted, "bias") ? { ...matrices, bias: stack(gates("bias_ih"), gates("bias_hh")) } : matrices;
}

/** Both directions are in one module there. */
function bidirectional(wanted: Wanted): Readonly<Record<string, Weight>> {
  const [kind, params] = chosen(wanted.params.layer as Readonly<Record<string, unknown>>);
  const { type } = layers[kind as "lstm" | "gru" | "simple_rnn"];
  const own = { ...wanted, params: params as Wanted["params"] };
  return {
    ...inner({ ...own, direction: "" }, "forward", type, wanted.tensor),
    ...inner({ ...own, direction: "_reverse" }, "backward", type, wanted.tensor),
  };
}

/** Of self-attention: the three projections of the input are one matrix there, `[3 · features, features]`. */
function attention(wanted: Wanted): Readonly<Record<string, Weight>> {
  const found: Record<string, Weight> = {};
  for (const [i, name] of ["query", "key", "value"].entries()) {
    const third = (name: string): Weight => partOf(wanted.tensor(name), i, 3);
    found[`${name}/kernel`] = transpose(third("in_proj_weight"));
    if (has(wanted, `${name}/bias`)) found[`${name}/bias`] = third("in_proj_bias");
  }
  return { ...found, ...part(wanted, "attention_output", "Dense", "out_proj") };
}

/** The weights of a layer inside a layer, from the module inside the module. */
function part(wanted: Wanted, name: string, type: string, module: string): Readonly<Record<string, Weight>> {
  return inner(wanted, name, type, (own) => wanted.tensor(`${module}.${own}`));
}

function inner(wanted: Wanted, name: string, type: string, tensor: Wanted["tensor"]): Readonly<Record<string, Weight>> {
  const own = wanted.weights.filter((weight) => weight.name.startsWith(`${name}/`));
  const weights = own.map((weight) => ({ ...weight, name: weight.name.slice(name.length + 1) }));
  const found = fromPyTorch({ ...wanted, type, weights, tensor });
  return Object.fromEntries(Object.entries(found).map(([weight, value]) => [`${name}/${weight}`, value]));
}

const NORM_NAMES: Readonly<Record<string, string>> = {
  gamma: "weight",
  scale: "weight",
  beta: "bias",
  moving_mean: "running_mean",
  moving_variance: "running_var",
};

function norm({ weights, tensor }: Wanted): Readonly<Record<string, Weight>> {
  return Object.fromEntries(weights.map(({ name }) => [name, tensor(NORM_NAMES[name] ?? name)]));
}
