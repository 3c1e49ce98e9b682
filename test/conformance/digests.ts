/** @file Trains the large models and tells what bytes they are: to be compared between threads, versions, machines. */
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { encodeSafetensors } from "@seqloom/core";
import { largeScenarios } from "./scenarios/large.js";
import { type Scenario, trainOn } from "./train.js";

/** SHA-256 of the weights and losses of three steps on `simd`. */
export async function digestOf(scenario: Scenario): Promise<string> {
  const { losses, weights } = await trainOn("simd", scenario);
  const hash = createHash("sha256").update(new Uint8Array(Float64Array.from(losses).buffer));
  return hash.update(encodeSafetensors(weights)).digest("hex");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const digests: Record<string, string> = {};
  for (const scenario of largeScenarios) digests[scenario.name] = await digestOf(scenario);
  process.stdout.write(`${JSON.stringify({ node: process.versions.node, digests }, null, 1)}\n`);
}
