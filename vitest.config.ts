import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    setupFiles: ["test/support/properties.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Two cores are what continuous integration has; the tests of the engine start processes of their own.
    maxWorkers: 2,
  },
});
