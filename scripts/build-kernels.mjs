// Compiles packages/simd/assembly (AssemblyScript) to packages/simd/dist/kernels.wasm, if the sources changed.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const sources = join(root, "packages/simd/assembly");
const output = join(root, "packages/simd/dist/kernels.wasm");
const stamp = `${output}.stamp`;

// No relaxed SIMD: its results differ from processor to processor.
const flags = [
  "--enable",
  "simd",
  "--enable",
  "threads",
  "--importMemory",
  "--sharedMemory",
  "--initialMemory",
  "16",
  "--maximumMemory",
  "65536",
  "--runtime",
  "stub",
  "--noAssert",
  "-O3",
];

const require = createRequire(import.meta.url);
const hash = createHash("sha256").update(flags.join(" ")).update(require("assemblyscript/package.json").version);
for (const name of readdirSync(sources).sort()) hash.update(name).update(readFileSync(join(sources, name)));
const digest = hash.digest("hex");

if (!existsSync(output) || !existsSync(stamp) || readFileSync(stamp, "utf8") !== digest) {
  mkdirSync(dirname(output), { recursive: true });
  const asc = await import("assemblyscript/asc");
  const { error, stderr } = await asc.main([join(sources, "index.ts"), "--outFile", output, ...flags]);
  if (error) {
    process.stderr.write(
      `${stderr.toString()}\nbuild-kernels: AssemblyScript could not compile packages/simd/assembly.\n`,
    );
    process.exitCode = 1;
  } else {
    writeFileSync(stamp, digest);
  }
}
