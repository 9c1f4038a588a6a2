import { defineConfig } from "vitest/config";

/**
 * The add-on's programs, each with its own e2e tests. They are not yet part of `npm test`: they have been run one by one,
 * not all in one run on one cluster. `npm run add-on` runs them.
 */
const addOn = ["node-daemon", "relay", "controller", "api-server", "cli"].map(
  (part) => `test/e2e/${part}/**/*.test.ts`,
);

const onTheCluster = {
  globalSetup: "test/e2e/global-setup.ts",
  // The tests share one machine and its two cores; what they measure is the world, not each other.
  fileParallelism: false,
  testTimeout: 120_000,
  hookTimeout: 300_000,
};

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: ["test/e2e/**"],
        },
      },
      {
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          exclude: addOn,
          ...onTheCluster,
        },
      },
      {
        test: {
          name: "add-on",
          include: addOn,
          ...onTheCluster,
        },
      },
    ],
  },
});
