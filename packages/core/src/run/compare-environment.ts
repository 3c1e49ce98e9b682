import type { RunRecord } from "./record.js";

/** Something of the machine, the software or the repository that two runs did not have in common. */
export interface EnvironmentDifference {
  readonly name: string;
  readonly before: string | number | boolean;
  readonly after: string | number | boolean;
}

/** What both records know and is not the same. None of it is part of a key: it may explain times, never a result from the cache. */
export function compareEnvironments(before: RunRecord, after: RunRecord): EnvironmentDifference[] {
  const [old, now] = [factsOf(before), factsOf(after)];
  return [...old].flatMap(([name, value]): EnvironmentDifference[] => {
    const other = now.get(name);
    return other === undefined || other === value ? [] : [{ name, before: value, after: other }];
  });
}

function factsOf({ environment, git }: RunRecord): Map<string, string | number | boolean> {
  const facts = new Map<string, string | number | boolean>(Object.entries(environment));
  if (git === undefined) return facts;
  facts.set("commit", git.commit).set("branch", git.branch ?? "none");
  if (git.dirty !== undefined) facts.set("changes", git.dirty ? "not committed" : "none");
  return facts;
}
