/** The files that a closure is made of, and the digest of what each contributes: what is compared to say which changed. */
export type CodeParts = readonly (readonly [name: string, digest: string])[];
