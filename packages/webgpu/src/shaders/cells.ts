/**
 * @file One step of each recurrent cell and of its gradient, in WGSL, for recurrent.ts. There are: `step`, the place of row and time;
 * `count`, whether the step is one; `state` and `memory`, h and c of the units of a thread; `operand`, h on its way to the weights, of
 * all units; `dh` and `dc`; `back`, where the gradients before the weights go, [gates][units].
 */
import { eachUnit } from "./units.js";

/** The cells. A GRU has two forms: its reset gate after the product with the weights (as in cuDNN), or before. */
export type CellKind = "lstm" | "gru_after" | "gru_before" | "rnn";

interface Cell {
  readonly gates: number;
  /** Numbers that are kept of a unit and step. */
  readonly kept: number;
  /** There is a second state. */
  readonly cell: boolean;
  /** The candidate's operand is a second one. */
  readonly resets: boolean;
  /** The gradients before the product with the state differ from those before that with the inputs. */
  readonly stateGradient: boolean;
  /** Gates that the last sum of a backward step takes together. */
  readonly summed: number;
  forward(options: { readonly keep: boolean; readonly stateBias: boolean }): string;
  readonly backward: string;
}

/** Writes numbers down, a unit of each after the other: `to[step][i][unit]`. */
function store(to: string, values: readonly string[]): string {
  return values.map((value, i) => `${to}[(step * ${values.length}u + ${i}u) * H + unit] = ${value};`).join("\n      ");
}

function loads(from: string, names: readonly string[]): string {
  return names
    .map((name, i) => `let ${name} = ${from}[(step * ${names.length}u + ${i}u) * H + unit];`)
    .join("\n      ");
}

/** `a` += operand times weights, for the gates from `first` to `last` of `gates`. */
function products(operand: string, gates: number, first: number, last: number): string {
  const weights = Array.from({ length: last - first + 1 }, (_, i) => `u[w + ${first + i}u * H]`);
  const all = weights.length === 1 ? weights[0] : `vec${weights.length}f(${weights.join(", ")})`;
  return `for (var k = 0u; k < H; k++) { let w = k * ${gates}u * H + unit; a += ${operand}[k] * ${all}; }`;
}

const LSTM_KEPT = ["i", "f", "g", "o", "before"];
const lstm: Cell = {
  gates: 4,
  kept: 5,
  cell: true,
  resets: false,
  stateGradient: false,
  summed: 4,
  forward: ({ keep }) =>
    eachUnit(`let at = step * 4u * H + unit;
      var a = vec4f(z[at], z[at + H], z[at + 2u * H], z[at + 3u * H]);
      ${products("operand", 4, 0, 3)}
      let i = gate(a.x); let f = gate(a.y); let g = act(a.z); let o = gate(a.w);
      ${keep ? store("kept", ["i", "f", "g", "o", "memory[n]"]) : ""}
      if (count) { memory[n] = f * memory[n] + i * g; state[n] = o * act(memory[n]); }`),
  backward: eachUnit(`var d = vec4f(0.0);
      if (count) {
      ${loads("kept", LSTM_KEPT)}
      let y = act(f * before + i * g);
      let ofCell = dc[n] + dh[n] * o * actSlope(y);
      d = vec4f(ofCell * g * gateSlope(i), ofCell * before * gateSlope(f), ofCell * i * actSlope(g), dh[n] * y * gateSlope(o));
      dc[n] = ofCell * f;
      dh[n] = 0.0;
      }
      back[unit] = d.x; back[H + unit] = d.y; back[2u * H + unit] = d.z; back[3u * H + unit] = d.w;
      ${store("dz", ["d.x", "d.y", "d.z", "d.w"])}`),
};

const GRU_KEPT = ["update", "r", "g", "product", "before"];
const gruAfter: Cell = {
  gates: 3,
  kept: 5,
  cell: false,
  resets: false,
  stateGradient: true,
  summed: 3,
  forward: ({ keep, stateBias }) =>
    eachUnit(`let at = step * 3u * H + unit;
      var a = ${stateBias ? "vec3f(stateBias[unit], stateBias[H + unit], stateBias[2u * H + unit])" : "vec3f(0.0)"};
      ${products("operand", 3, 0, 2)}
      let update = gate(z[at] + a.x); let r = gate(z[at + H] + a.y);
      let g = act(z[at + 2u * H] + r * a.z);
      ${keep ? store("kept", ["update", "r", "g", "a.z", "state[n]"]) : ""}
      if (count) { state[n] = update * state[n] + (1.0 - update) * g; }`),
  backward: eachUnit(`var d = vec3f(0.0);
      var ofProduct = 0.0;
      if (count) {
      ${loads("kept", GRU_KEPT)}
      let ofG = dh[n] * (1.0 - update) * actSlope(g);
      d = vec3f(dh[n] * (before - g) * gateSlope(update), ofG * product * gateSlope(r), ofG);
      ofProduct = ofG * r;
      dh[n] *= update;
      }
      back[unit] = d.x; back[H + unit] = d.y; back[2u * H + unit] = ofProduct;
      ${store("dz", ["d.x", "d.y", "d.z"])}
      ${store("dState", ["d.x", "d.y", "ofProduct"])}`),
};

const gruBefore: Cell = {
  gates: 3,
  kept: 5,
  cell: false,
  resets: true,
  stateGradient: false,
  summed: 2,
  forward: ({ keep }) => `${eachUnit(`let at = step * 3u * H + unit;
      var a = vec2f(z[at], z[at + H]);
      ${products("operand", 3, 0, 1)}
      first[n] = gate(a.x); second[n] = gate(a.y);
      reset[unit] = second[n] * operand[unit];
      ${keep ? "resets[step * H + unit] = reset[unit];" : ""}`)}
    workgroupBarrier();
    ${eachUnit(`var a = z[step * 3u * H + 2u * H + unit];
      ${products("reset", 3, 2, 2)}
      let g = act(a);
      ${keep ? store("kept", ["first[n]", "second[n]", "g", "0.0", "state[n]"]) : ""}
      if (count) { state[n] = first[n] * state[n] + (1.0 - first[n]) * g; }`)}`,
  backward: `${eachUnit(`var d = vec2f(0.0);
      if (count) {
      ${loads("kept", GRU_KEPT)}
      d = vec2f(dh[n] * (before - g) * gateSlope(update), dh[n] * (1.0 - update) * actSlope(g));
      dh[n] *= update;
      }
      back[unit] = d.x; back[2u * H + unit] = d.y;`)}
    workgroupBarrier();
    ${eachUnit(`var sum = 0.0;
      for (var j = 2u * H; j < 3u * H; j++) { sum += back[j] * ut[j * H + unit]; }
      var d = 0.0;
      if (count) {
      ${loads("kept", GRU_KEPT)}
      d = sum * before * kept_state(row, unit) * gateSlope(r);
      dh[n] += sum * r * kept_state(row, unit);
      }
      back[H + unit] = d;
      ${store("dz", ["back[unit]", "d", "back[2u * H + unit]"])}`)}`,
};

const rnn: Cell = {
  gates: 1,
  kept: 1,
  cell: false,
  resets: false,
  stateGradient: false,
  summed: 1,
  forward: ({ keep }) =>
    eachUnit(`var a = z[step * H + unit];
      ${products("operand", 1, 0, 0)}
      let y = act(a);
      ${keep ? store("kept", ["y"]) : ""}
      if (count) { state[n] = y; }`),
  backward: eachUnit(`var d = 0.0;
      if (count) {
      d = dh[n] * actSlope(kept[step * H + unit]);
      dh[n] = 0.0;
      }
      back[unit] = d;
      ${store("dz", ["d"])}`),
};

/** All cells. */
export const CELLS: Readonly<Record<CellKind, Cell>> = { lstm, gru_after: gruAfter, gru_before: gruBefore, rnn };
