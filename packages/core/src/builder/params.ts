/** @file Parameters of a pipeline that is built in code, and the values that a matrix gives them. */
import type { Json, JsonObject } from "../json.js";
import type { Halving, RangeAxis, Sample } from "../sweep/matrix.js";

/** `params` of a pipeline. */
export type PipelineParams = Readonly<Record<string, Json>>;

/** The values of one axis: a list, or for numbers a range. */
export type AxisOptions<T> =
  | readonly T[]
  | ([T] extends [number]
      ? Pick<RangeAxis, "from" | "to"> & Partial<Pick<RangeAxis, "scale" | "steps" | "integer">>
      : never);

type SomeOf<P> = { readonly [N in keyof P]?: P[N] } & { readonly seed?: number };

/** `matrix:` of a pipeline file, typed by the parameters of the pipeline. A part of a parameter that is an object is named `a.b`. */
export interface MatrixOptions<P extends PipelineParams = PipelineParams> {
  readonly axes: { readonly [N in keyof P]?: AxisOptions<P[N]> } & { readonly seed?: AxisOptions<number> } & {
    readonly [deep: `${string}.${string}`]: AxisOptions<Json>;
  };
  readonly exclude?: readonly SomeOf<P>[];
  readonly include?: readonly SomeOf<P>[];
  readonly sample?: Partial<Sample>;
  readonly halving?: Pick<Halving, "from"> & Partial<Halving>;
}

/** Stands in the `with` of a stage for a parameter of the pipeline. */
export class Reference {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** Values as a pipeline file has them: a reference is `${params.name}`, text that holds `${` is escaped, undefined is absent. */
export function written(value: JsonObject): JsonObject {
  return asWritten(value) as JsonObject;
}

function asWritten(value: unknown): unknown {
  if (value instanceof Reference) return `\${params.${value.name}}`;
  if (typeof value === "string") return value.replaceAll("${", "$$${");
  if (Array.isArray(value)) return value.map((item) => asWritten(item === undefined ? null : item));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return Object.fromEntries(entries.map(([name, item]) => [name, asWritten(item)]));
}
