import { expect, test } from "vitest";
import { controllerClusterRules, controllerNamespaceRules } from "../../controller/rbac.ts";

test("no rule of the controller has a wildcard, and none reads Secrets", () => {
  const rules = [...controllerClusterRules, ...controllerNamespaceRules];
  const words = rules.flatMap(({ apiGroups, resources, verbs }) => [...apiGroups, ...resources, ...verbs]);
  expect(words.filter((word) => word.includes("*") || word === "secrets")).toEqual([]);
});
