import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { FileOrder } from "./test/e2e/file-order.ts";
import { workers } from "./test/e2e/workers.ts";

/** Options of all tests without a cluster. */
const withoutCluster = {
  globalSetup: "test/scratch.ts",
  // Vitest's default is one worker less than there are processors, but much of the time of these tests is waiting.
  maxWorkers: availableParallelism() + 1,
  // A process for each file would take longer to load the modules than most files take to run. So helpers have no
  // hooks of their own, but functions that a file calls, and tests put back what they change of the process.
  isolate: false,
  sequence: { groupOrder: 0 },
  // Only to end what hangs: property tests and bundles take seconds on a busy machine.
  testTimeout: 30_000,
};

/** Files that take many seconds, such as those that play attackers. `npm run check` leaves them out. */
const long = "test/**/*.long.test.ts";

export default defineConfig({
  test: {
    sequence: { sequencer: FileOrder },
    projects: [
      {
        test: {
          ...withoutCluster,
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: ["test/e2e/**", long],
        },
      },
      { test: { ...withoutCluster, name: "long", include: [long] } },
      {
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          globalSetup: "test/e2e/global-setup.ts",
          // They go on at once on clusters of their own, and after the unit tests: the machine has two cores.
          maxWorkers: workers,
          // As above: each process would load the modules again.
          isolate: false,
          sequence: { groupOrder: 1 },
          // Only to end what hangs, too: a busy machine may be several times slower.
          testTimeout: 300_000,
          hookTimeout: 600_000,
        },
      },
    ],
  },
});
