/**
 * @file A recurrent layer over whole sequences in one dispatch, forward and backward. A workgroup has one row of the batch, a thread
 * some of its units; the state goes through the memory of the workgroup from step to step. What comes before and after is matrix
 * products over all steps at once: `z` are the inputs times their weights, with the bias; the gradients of the weights come from `dz`.
 */
import { bindings, type Shader } from "../dispatch.js";
import { activationFunctions, type GateActivation, type StateActivation } from "./activations.js";
import { CELLS, type CellKind } from "./cells.js";
import { eachUnit } from "./units.js";

/** A layer that a shader is made for. */
export interface RecurrentShape {
  readonly cell: CellKind;
  readonly units: number;
  readonly activation: StateActivation;
  readonly recurrentActivation: GateActivation;
  /** The sequence is read from its end. */
  readonly backwards: boolean;
  /** The states of all steps are an output. */
  readonly sequences: boolean;
  readonly mask: boolean;
  readonly recurrentMask: boolean;
}

/** What only the forward pass asks. */
export interface ForwardShape extends RecurrentShape {
  readonly initial: boolean;
  readonly stateBias: boolean;
  /** What the gradient needs is written down. */
  readonly keep: boolean;
}

/** Threads of a workgroup for so many units: every device has 256. */
function threadsFor(units: number): number {
  return Math.min(256, Math.ceil(units / 32) * 32);
}

/** Bytes of the memory of a workgroup that the gradient of so many units needs, the most of both passes. */
export function workgroupBytes(cell: CellKind, units: number): number {
  return 4 * units * Math.max(2, CELLS[cell].gates);
}

function given(...names: readonly (string | false)[]): string[] {
  return names.filter((name) => name !== false);
}

function header(shape: RecurrentShape, shared: Readonly<Record<string, number>>): string {
  const { units, activation, recurrentActivation, backwards, mask, recurrentMask } = shape;
  const threads = threadsFor(units);
  const arrays = Object.entries(shared).map(([name, size]) => `var<workgroup> ${name}: array<f32, ${size}>;`);
  return `
const H = ${units}u;
const THREADS = ${threads}u;
const MINE = ${Math.ceil(units / threads)}u; // units of a thread
${arrays.join("\n")}
${activationFunctions(activation, recurrentActivation)}
fn timeOf(s: u32) -> u32 { return ${backwards ? "sizes.time - 1u - s" : "s"}; }
fn counts(at: u32) -> bool { return ${mask ? "mask[at] != 0" : "true"}; }
fn kept_state(row: u32, unit: u32) -> f32 { return ${recurrentMask ? "recurrentMask[row * H + unit]" : "1.0"}; }`;
}

const MAIN = `
@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) id: vec3u, @builtin(num_workgroups) number: vec3u, @builtin(local_invocation_index) thread: u32) {
  let row = id.x + id.y * number.x;
  if (row >= sizes.batch) { return; }`;

/**
 * The forward pass. Bindings: z [batch, time, gates * units], u [units, gates * units], mask [batch, time], initial [states * batch,
 * units], recurrentMask [batch, units], stateBias [units]; h and c [batch, units], hs [batch, time, units], kept [batch, time, …],
 * operands [batch, time, units], resets (the same); those that there are. Uniforms: batch, time.
 */
export function forwardShader(shape: ForwardShape): Shader {
  const { units, mask, initial, recurrentMask, stateBias, sequences, keep } = shape;
  const cell = CELLS[shape.cell];
  const inputs = given("z", "u", mask && "mask", initial && "initial", recurrentMask && "recurrentMask");
  if (stateBias) inputs.push("stateBias");
  const outputs = given("h", cell.cell && "c", sequences && "hs", keep && "kept", keep && "operands");
  if (keep && cell.resets) outputs.push("resets");
  const shared = { operand: units, ...(cell.resets && { reset: units }) };
  const start = (state: number): string => (initial ? `initial[(${state}u * sizes.batch + row) * H + unit]` : "0.0");
  const code = `${bindings(inputs, outputs, ["batch", "time"], ["mask"])}
${header(shape, shared)}
${MAIN}
  var state: array<f32, MINE>;
  var memory: array<f32, MINE>;
  var first: array<f32, MINE>;
  var second: array<f32, MINE>;
  ${eachUnit(`state[n] = ${start(0)}; memory[n] = ${cell.cell ? start(1) : "0.0"};`)}
  for (var s = 0u; s < sizes.time; s++) {
    let t = timeOf(s);
    let step = row * sizes.time + t;
    let count = counts(step);
    workgroupBarrier();
    ${eachUnit(`operand[unit] = state[n] * kept_state(row, unit);
      ${keep ? "operands[step * H + unit] = operand[unit];" : ""}`)}
    workgroupBarrier();
    ${cell.forward({ keep, stateBias })}
    ${sequences ? eachUnit("hs[(row * sizes.time + s) * H + unit] = state[n];") : ""}
  }
  ${eachUnit(`h[row * H + unit] = state[n]; ${cell.cell ? "c[row * H + unit] = memory[n];" : ""}`)}
}`;
  return { key: `recurrent forward ${JSON.stringify(shape)}`, code };
}

/**
 * The gradient. Bindings: kept, ut [gates * units, units], mask, recurrentMask, dOutput [batch, time, units] or [batch, units], dH,
 * dC [batch, units]; dz [batch, time, gates * units], dState (the same, by the product with the state, where it differs), dH0, dC0
 * [batch, units]; those that there are. Uniforms: batch, time.
 */
export function backwardShader(shape: RecurrentShape): Shader {
  const { units, mask, recurrentMask, sequences } = shape;
  const cell = CELLS[shape.cell];
  const inputs = given("kept", "ut", mask && "mask", recurrentMask && "recurrentMask", "dOutput", "dH");
  if (cell.cell) inputs.push("dC");
  const outputs = given("dz", cell.stateGradient && "dState", "dH0", cell.cell && "dC0");
  const code = `${bindings(inputs, outputs, ["batch", "time"], ["mask"])}
${header(shape, { back: units * cell.gates })}
${MAIN}
  var dh: array<f32, MINE>;
  var dc: array<f32, MINE>;
  ${eachUnit(`dh[n] = dH[row * H + unit]${sequences ? "" : " + dOutput[row * H + unit]"};
    dc[n] = ${cell.cell ? "dC[row * H + unit]" : "0.0"};`)}
  for (var left = sizes.time; left > 0u; left--) {
    let s = left - 1u;
    let step = row * sizes.time + timeOf(s);
    let count = counts(step);
    ${sequences ? eachUnit("dh[n] += dOutput[(row * sizes.time + s) * H + unit];") : ""}
    workgroupBarrier();
    ${cell.backward}
    workgroupBarrier();
    ${eachUnit(`var sum = 0.0;
      for (var j = 0u; j < ${cell.summed}u * H; j++) { sum += back[j] * ut[j * H + unit]; }
      dh[n] += sum * kept_state(row, unit);`)}
  }
  ${eachUnit(`dH0[row * H + unit] = dh[n]; ${cell.cell ? "dC0[row * H + unit] = dc[n];" : ""}`)}
}`;
  return { key: `recurrent backward ${JSON.stringify(shape)}`, code };
}
