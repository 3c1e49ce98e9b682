import { registerAttentionGradient } from "./attention.js";
import { registerLossGradients } from "./losses.js";
import { registerNormGradient } from "./norm.js";
import { registerRecurrentGradients } from "./recurrent.js";

let registered = false;

/** Registers the gradients of the kernels that more than one backend has. More than one call does no harm. */
export function registerSharedGradients(): void {
  if (registered) return;
  registered = true;
  registerAttentionGradient();
  registerLossGradients();
  registerNormGradient();
  registerRecurrentGradients();
}
