/** @file The half of core that executes: store, plan, run, sweeps. */
export { type Diagnostic, DiagnosticError } from "./diagnostics/diagnostic.js";
export * from "./keys/index.js";
export * from "./plan/index.js";
export * from "./run/index.js";
export * from "./store/index.js";
export * from "./sweep/index.js";
