import { chosen } from "../params/choice.js";

/** Layers, or the layer inside another one, as they were parsed. */
type Parsed = Readonly<Record<string, unknown>>;

/** Whether a layer, or one inside it, keeps its state from batch to batch. */
export function isStateful(layer: Parsed): boolean {
  const [, params] = chosen(layer) as readonly [string, Parsed];
  const inside = [...(params.layer === undefined ? [] : [params.layer]), ...((params.layers as Parsed[]) ?? [])];
  return params.stateful === true || inside.some((one) => isStateful(one as Parsed));
}
