import { expect, test } from "vitest";
import { versionInfo } from "../../../controller/api-server/version.ts";

const date = "2026-01-01T00:00:00Z";

test("a program tells the commit that it was made from, and whether there was more than that", () => {
  expect(versionInfo({ commit: "abc1234", date })).toMatchObject({
    gitCommit: "abc1234",
    gitTreeState: "clean",
    buildDate: date,
  });
  expect(versionInfo({ commit: "abc1234-dirty", date })).toMatchObject({ gitCommit: "abc1234", gitTreeState: "dirty" });
});
