import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { encodeSafetensors, type Model } from "@seqloom/core";
import { configOf } from "../artifact.js";
import { kerasJson } from "./keras-json.js";

/**
 * Writes a model to a folder for other tools: `model.json`, which Keras reads, and `weights.safetensors` with names such
 * as `lstm/kernel`, in Keras' layout.
 * @throws DiagnosticError `model-format`, `model-export`; the system's error when the folder cannot be written.
 */
export async function exportModel(model: Model, folder: string): Promise<void> {
  const json = `${JSON.stringify(kerasJson(configOf(model)), null, 2)}\n`;
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "model.json"), json);
  await writeFile(join(folder, "weights.safetensors"), encodeSafetensors(model.weights));
}
