import { defineConfig } from "vitest/config";
import { ByPath } from "./test/e2e/by-path.ts";

export default defineConfig({
  test: {
    sequence: { sequencer: ByPath },
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: ["test/e2e/**"],
          // Only to end what hangs: property tests and bundles take seconds on a busy machine.
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          globalSetup: "test/e2e/global-setup.ts",
          // The tests share one machine and its two cores; what they measure is the world, not each other.
          fileParallelism: false,
          // Only to end what hangs, too: a busy machine may be several times slower.
          testTimeout: 300_000,
          hookTimeout: 600_000,
        },
      },
    ],
  },
});
