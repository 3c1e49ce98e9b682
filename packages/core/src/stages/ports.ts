import type { ArtifactName, ArtifactValue } from "../artifacts/index.js";
import type { Columns } from "../dataset/columns.js";
import type { Dataset } from "../dataset/dataset.js";

/** A port that carries a dataset: the columns that must be there (input) or that are given (output). */
export interface DatasetPort<C extends Columns = Columns, Alternatives extends Columns = Columns> {
  readonly artifact: "dataset";
  readonly columns: C;
  /** Input only: one of these groups must be there too. */
  readonly oneOf?: readonly Alternatives[];
  /** Input only: columns that are used when they are there. */
  readonly optional?: Columns;
}

/** A port that carries anything but a dataset. */
export interface ValuePort<N extends ArtifactName = ArtifactName> {
  readonly artifact: N;
}

/** What travels on an edge, as a stage declares it. */
export type Port = DatasetPort | ValuePort<Exclude<ArtifactName, "dataset">>;

/** Ports by name. */
export type Ports = Readonly<Record<string, Port>>;

/** The value that a port carries. */
export type PortValue<P> = P extends { readonly artifact: "dataset"; readonly columns: infer C extends Columns }
  ? Dataset<C>
  : P extends { readonly artifact: infer N extends ArtifactName }
    ? ArtifactValue<N>
    : never;

/** The values of several ports, by name. */
export type PortValues<P extends Ports> = { readonly [N in keyof P]: PortValue<P[N]> };

/** A dataset port. `dataset({ ids: "padded" })` needs, or gives, a column `ids` of type `padded`. */
export function dataset<const C extends Columns, const A extends Columns = Columns>(
  columns: C,
  more: { readonly oneOf?: readonly A[]; readonly optional?: Columns } = {},
): DatasetPort<C, A> {
  return { artifact: "dataset", columns, ...more };
}

/** A port of any other artifact type: `value("model")`. */
export function value<const N extends Exclude<ArtifactName, "dataset">>(artifact: N): ValuePort<N> {
  return { artifact };
}
