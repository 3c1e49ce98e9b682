/**
 * @file The types that make a wrong edge a compile error. A handle carries the columns that are known to be there; a
 * stage's input asks for the columns that it needs; TypeScript's own structural rules then do the checking.
 */
import type { z } from "zod";
import type { ArtifactName } from "../artifacts/index.js";
import type { Columns } from "../dataset/columns.js";
import type { DatasetPort, Port, Ports } from "../stages/ports.js";
import type { AnyStage } from "../stages/stage.js";

/** What travels on an edge, as a type. */
export interface Carries<N extends ArtifactName = ArtifactName, C = unknown> {
  readonly artifact: N;
  readonly columns: C;
}

/** One output port of a stage in a builder: hand it to the `in` of another stage. */
export interface PortHandle<out T extends Carries = Carries> {
  readonly stage: string;
  readonly port: string;
  /** Only for the type checker: never there at run time. */
  readonly carries?: T;
}

/** A stage in a builder. It stands for its default output port; `ports` has all of them. */
export type StageHandle<P extends Readonly<Record<string, Carries>> = Readonly<Record<string, Carries>>> = PortHandle<
  DefaultOf<P>
> & { readonly ports: { readonly [N in keyof P]: PortHandle<P[N]> } };

type DefaultOf<P> = P extends { readonly data: infer D extends Carries }
  ? D
  : P[keyof P] extends Carries
    ? P[keyof P]
    : never;

/** New names of columns: the stage's own → the pipeline's. */
export type Renames = Readonly<Record<string, string>>;

type Renamed<C, R extends Renames> = {
  readonly [N in keyof C as N extends keyof R ? R[N] : N]: C[N];
};

/** What an input port accepts. */
export type Accepts<P, R extends Renames> = P extends { readonly artifact: "dataset"; readonly columns: infer C }
  ? Carries<"dataset", Renamed<C, R> & AnyGroup<P, R>>
  : P extends { readonly artifact: infer N extends ArtifactName }
    ? Carries<N>
    : never;

type AnyGroup<P, R extends Renames> =
  P extends DatasetPort<Columns, infer A>
    ? Columns extends A
      ? unknown
      : A extends unknown
        ? Renamed<A, R>
        : never
    : unknown;

/** The input ports of a stage. */
export type InputsOf<D> = D extends { readonly kind: "stage"; readonly inputs: infer I extends Ports }
  ? I
  : D extends { readonly input: infer P extends Port }
    ? { readonly data: P } & ExtraOf<D>
    : never;

type ExtraOf<D> = D extends { readonly extra?: infer E extends Ports } ? { readonly [N in keyof E]?: E[N] } : unknown;

type OwnOutput<D> = D extends { readonly output: { readonly columns: infer O } } ? O : unknown;

/** The outputs of a stage that is fed with `In` on `data`. */
export type OutputsOf<D, In, R extends Renames> = D extends { readonly kind: "stage"; readonly outputs: infer O }
  ? { readonly [N in keyof O]: OutputOfStage<O[N], N, D, In, R> }
  : D extends { readonly kind: "estimator"; readonly state: infer N extends ArtifactName }
    ? { readonly data: Merged<In, OwnOutput<D>, R>; readonly state: Carries<N>; readonly report: Carries<"metrics"> }
    : { readonly data: Merged<In, OwnOutput<D>, R> };

type OutputOfStage<P, N, D, In, R extends Renames> = P extends {
  readonly artifact: "dataset";
  readonly columns: infer C;
}
  ? N extends "data"
    ? D extends { readonly keepsColumns?: infer K }
      ? true extends K
        ? Merged<In, C, R>
        : Carries<"dataset", Renamed<C, R>>
      : never
    : Carries<"dataset", Renamed<C, R>>
  : P extends { readonly artifact: infer A extends ArtifactName }
    ? Carries<A>
    : never;

type Merged<In, O, R extends Renames> = Carries<"dataset", Omit<In, keyof Renamed<O, R>> & Renamed<O, R>>;

/** The columns that a handle carries. */
export type ColumnsCarried<H> = H extends PortHandle<Carries<"dataset", infer C>> ? C : unknown;

/** What `in` of a stage takes: one handle for its default port, or one per port. */
export type Inputs<D extends AnyStage, R extends Renames> = keyof InputsOf<D> extends never
  ? undefined
  : DefaultInput<D, R> | { readonly [N in keyof InputsOf<D>]: PortHandle<Accepts<InputsOf<D>[N], R>> };

type DefaultInput<D, R extends Renames> =
  InputsOf<D> extends { readonly data: infer P }
    ? PortHandle<Accepts<P, R>>
    : PortHandle<Accepts<InputsOf<D>[keyof InputsOf<D>], R>>;

/** The handle that feeds `data`, whichever way it was given. */
export type DataOf<I> = I extends PortHandle ? I : I extends { readonly data: infer H } ? H : never;

/** Parameters as a person writes them: those with defaults may be left out. */
export type ParamsOf<D extends AnyStage> = z.input<D["params"]>;
