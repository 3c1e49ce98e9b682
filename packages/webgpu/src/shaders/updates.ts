import { bindings, type Shader } from "../dispatch.js";

/** Entries of one workgroup of what works entry by entry. */
export const ENTRIES = 256;

/** A shader that calls `body` for each entry `i` below `sizes.size`. */
export function byEntry(
  key: string,
  inputs: readonly string[],
  outputs: readonly string[],
  numbers: readonly string[],
  body: string,
): Shader {
  const uniforms = ["size", ...numbers.map((number) => `${number}: f32`)];
  return {
    key,
    code: `${bindings(inputs, outputs, uniforms)}
@compute @workgroup_size(${ENTRIES})
fn main(@builtin(workgroup_id) id: vec3u, @builtin(num_workgroups) number: vec3u, @builtin(local_invocation_index) thread: u32) {
  let i = (id.x + id.y * number.x) * ${ENTRIES}u + thread;
  if (i >= sizes.size) { return; }
  ${body}
}`,
  };
}

/** A step of an optimiser: weights `value` and running values, changed in place by the gradient `g`. */
export interface UpdateShader {
  /** Names of what is changed, in the order of the bindings. */
  readonly changed: readonly string[];
  /** Names of the attributes that are numbers, in the order of the uniforms. */
  readonly numbers: readonly string[];
  readonly body: string;
}

const GRADIENT = "let d = g[i] * sizes.factor;";

/**
 * Adam (Kingma and Ba 2015) with the bias corrections inside the rate; `kept` is less than 1 with decoupled weight decay
 * (Loshchilov and Hutter 2019).
 */
export const ADAM: UpdateShader = {
  changed: ["value", "m", "v"],
  numbers: ["rate", "oneMinusBeta1", "oneMinusBeta2", "epsilon", "factor", "kept"],
  body: `${GRADIENT}
  m[i] += (d - m[i]) * sizes.oneMinusBeta1;
  v[i] += (d * d - v[i]) * sizes.oneMinusBeta2;
  value[i] = value[i] * sizes.kept - sizes.rate * m[i] / (sqrt(v[i]) + sizes.epsilon);`,
};

/** Nadam (Dozat 2016): Adam with Nesterov's momentum. */
export const NADAM: UpdateShader = {
  changed: ["value", "m", "v"],
  numbers: ["rate", "oneMinusBeta1", "oneMinusBeta2", "epsilon", "factor", "ofMean", "ofGradient", "ofSquares"],
  body: `${GRADIENT}
  m[i] += (d - m[i]) * sizes.oneMinusBeta1;
  v[i] += (d * d - v[i]) * sizes.oneMinusBeta2;
  let mean = m[i] * sizes.ofMean + d * sizes.ofGradient;
  value[i] -= sizes.rate * mean / (sqrt(v[i] * sizes.ofSquares) + sizes.epsilon);`,
};

/** Gradient descent. */
export const DESCENT: UpdateShader = {
  changed: ["value"],
  numbers: ["rate", "factor"],
  body: `${GRADIENT}
  value[i] -= sizes.rate * d;`,
};

/** Gradient descent with momentum (Keras): velocity = momentum velocity - rate g; w += velocity. */
export const MOMENTUM: UpdateShader = {
  changed: ["value", "velocity"],
  numbers: ["rate", "momentum", "factor"],
  body: `${GRADIENT}
  velocity[i] = velocity[i] * sizes.momentum - sizes.rate * d;
  value[i] += velocity[i];`,
};

/** The same with Nesterov's look ahead: w += momentum velocity - rate g. */
export const NESTEROV: UpdateShader = {
  ...MOMENTUM,
  body: `${GRADIENT}
  velocity[i] = velocity[i] * sizes.momentum - sizes.rate * d;
  value[i] += velocity[i] * sizes.momentum - sizes.rate * d;`,
};

/** The shader of a step. Bindings: g, then what is changed; uniforms: size, then the numbers. */
export function updateShader(name: string, { changed, numbers, body }: UpdateShader): Shader {
  return byEntry(`update ${name}`, ["g"], changed, numbers, body);
}
