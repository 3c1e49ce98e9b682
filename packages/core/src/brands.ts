declare const brand: unique symbol;

/** A string that only its own constructor should make; two brands never mix. */
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** SHA-256 of some bytes, 64 lower-case hexadecimal digits. */
export type Digest = Branded<"Digest">;

/** SHA-256 of the canonical encoding of a {@link KeyRecord}: names one result of one stage. */
export type Key = Branded<"Key">;

/** Sorts by time and names one execution of a pipeline. */
export type RunId = Branded<"RunId">;

/** The name that a pipeline gives to one of its stages. */
export type StageName = string;

/** The id of a kind of stage, such as `text/tokenize`. */
export type StageId = string;
