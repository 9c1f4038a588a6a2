import { defineConfig } from "vitest/config";
import { FileOrder } from "./test/e2e/file-order.ts";
import { workers } from "./test/e2e/workers.ts";

export default defineConfig({
  test: {
    sequence: { sequencer: FileOrder },
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: ["test/e2e/**"],
          sequence: { groupOrder: 0 },
          // Only to end what hangs: property tests and bundles take seconds on a busy machine.
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          globalSetup: "test/e2e/global-setup.ts",
          // They go on at once on clusters of their own, and after the unit tests: the machine has two cores.
          maxWorkers: workers,
          sequence: { groupOrder: 1 },
          // Only to end what hangs, too: a busy machine may be several times slower.
          testTimeout: 300_000,
          hookTimeout: 600_000,
        },
      },
    ],
  },
});
