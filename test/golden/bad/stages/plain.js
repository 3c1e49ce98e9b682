import { dataset } from "seqloom";

export const clean = {
  kind: "map",
  id: "own/clean",
  version: "1",
  input: dataset({ text: "utf8" }),
  output: dataset({ text: "utf8" }),
  params: {},
  apply: (batch) => batch,
};
