// Compiles the kernels (AssemblyScript) of a package to WebAssembly in its dist folder, if their sources changed.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

// No relaxed SIMD: its results differ from processor to processor.
const common = ["--enable", "simd", "--runtime", "stub", "--noAssert", "-O3"];
const shared = [
  "--enable",
  "threads",
  "--importMemory",
  "--sharedMemory",
  "--initialMemory",
  "16",
  "--maximumMemory",
  "65536",
];

const modules = [
  { name: "simd", flags: [...common, ...shared], uses: ["simd"] },
  { name: "data", flags: [...common, "--initialMemory", "1"], uses: ["data"] },
  // The audio kernels share the elementary functions of simd.
  { name: "audio", flags: [...common, "--initialMemory", "4"], uses: ["audio", "simd"] },
];

const require = createRequire(import.meta.url);

for (const { name, flags, uses } of modules) {
  const hash = createHash("sha256").update(flags.join(" ")).update(require("assemblyscript/package.json").version);
  for (const used of uses) {
    const sources = join(root, "packages", used, "assembly");
    for (const file of readdirSync(sources).sort()) hash.update(file).update(readFileSync(join(sources, file)));
  }
  await compile(name, flags, hash.digest("hex"));
}

async function compile(name, flags, digest) {
  const output = join(root, "packages", name, "dist/kernels.wasm");
  const stamp = `${output}.stamp`;
  if (existsSync(output) && existsSync(stamp) && readFileSync(stamp, "utf8") === digest) return;
  mkdirSync(dirname(output), { recursive: true });
  const asc = await import("assemblyscript/asc");
  const source = join(root, "packages", name, "assembly/index.ts");
  const { error, stderr } = await asc.main([source, "--outFile", output, ...flags]);
  if (error) {
    process.stderr.write(
      `${stderr.toString()}\nbuild-kernels: AssemblyScript could not compile packages/${name}/assembly.\n`,
    );
    process.exitCode = 1;
  } else {
    writeFileSync(stamp, digest);
  }
}
