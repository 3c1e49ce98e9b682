import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { encodeSafetensors, type Model } from "@seqloom/core";
import { configOf } from "../artifact.js";
import { kerasJson } from "./keras-json.js";

/** `keras`: with `model.json`, which Keras reads; `safetensors`: the weights alone. */
export type ExportFormat = "keras" | "safetensors";

/**
 * A model as files for other tools: `weights.safetensors` with names such as `lstm/kernel`, in Keras' layout, and `model.json`.
 * @throws DiagnosticError `model-format`; `model-export` when Keras cannot say what the model does.
 */
export function exportedFiles(model: Model, format: ExportFormat = "keras"): ReadonlyMap<string, Uint8Array | string> {
  const config = configOf(model);
  const weights = ["weights.safetensors", encodeSafetensors(model.weights)] as const;
  if (format === "safetensors") return new Map([weights]);
  return new Map<string, Uint8Array | string>([
    ["model.json", `${JSON.stringify(kerasJson(config), null, 2)}\n`],
    weights,
  ]);
}

/**
 * Writes the {@link exportedFiles} of a model to a folder.
 * @throws DiagnosticError as there; the system's error when the folder cannot be written.
 */
export async function exportModel(model: Model, folder: string, format: ExportFormat = "keras"): Promise<void> {
  const files = exportedFiles(model, format);
  await mkdir(folder, { recursive: true });
  for (const [name, content] of files) await writeFile(join(folder, name), content);
}
