/** Activations of states. */
export type StateActivation = "tanh" | "relu" | "linear" | "sigmoid";

/** Activations of gates. The hard sigmoid is that of Keras 2: clip(0.2 x + 0.5, 0, 1). */
export type GateActivation = "sigmoid" | "hard_sigmoid";

// exp of large numbers may be anything in WGSL, so that arguments are kept where it is exact: beyond, the results are 0 and 1.
const SIGMOID = "1.0 / (1.0 + exp(-clamp(x, -80.0, 80.0)))";
const TANH = "tanh(clamp(x, -20.0, 20.0))";

const STATES: Readonly<Record<StateActivation, readonly [value: string, slope: string]>> = {
  tanh: [TANH, "1.0 - y * y"],
  relu: ["max(x, 0.0)", "select(0.0, 1.0, y > 0.0)"],
  linear: ["x", "1.0"],
  sigmoid: [SIGMOID, "y * (1.0 - y)"],
};

const GATES: Readonly<Record<GateActivation, readonly [value: string, slope: string]>> = {
  sigmoid: [SIGMOID, "y * (1.0 - y)"],
  hard_sigmoid: ["clamp(0.2 * x + 0.5, 0.0, 1.0)", "select(0.0, 0.2, y > 0.0 && y < 1.0)"],
};

/** Functions `act` and `gate` of x, and `actSlope` and `gateSlope`, their derivatives by x from their values y. */
export function activationFunctions(activation: StateActivation, recurrentActivation: GateActivation): string {
  const [act, actSlope] = STATES[activation];
  const [gate, gateSlope] = GATES[recurrentActivation];
  return `
fn act(x: f32) -> f32 { return ${act}; }
fn actSlope(y: f32) -> f32 { return ${actSlope}; }
fn gate(x: f32) -> f32 { return ${gate}; }
fn gateSlope(y: f32) -> f32 { return ${gateSlope}; }`;
}
