import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { definitions } from "../../api/crd/definitions.ts";
import { endpoints } from "../../controller/api-server/endpoints/endpoints.ts";
import { secretNames } from "../../controller/certificates/subjects.ts";
import { generated } from "../../deploy/generate.ts";
import { definitions as installed, manifests } from "../../deploy/manifests.ts";
import { names } from "../../deploy/objects/names.ts";
import type { Rule } from "../../deploy/objects/rule.ts";

const objects = Object.values(manifests).flat();
const roles = objects.filter(({ kind }) => kind === "ClusterRole" || kind === "Role");
const rulesOf = (name: string): Rule[] =>
  roles.filter(({ metadata }) => metadata.name === name).flatMap(({ rules }) => rules as Rule[]);

test("the files are what is generated", async () => {
  for (const [path, content] of generated()) {
    expect(await readFile(join(import.meta.dirname, "../../deploy", path), "utf8"), path).toBe(content);
  }
});

test("no role has a wildcard", () => {
  for (const { metadata, rules } of roles) expect(JSON.stringify(rules), metadata.name).not.toContain("*");
});

test.for([
  ["admin", []],
  ["edit", ["virtualmachineinstances/vnc/screenshot"]],
] as const)("who has the role %s may use each sub-resource that there is, but for %j", ([role, others]) => {
  const rules = rulesOf(`kubevirt.io:${role}`).filter(({ apiGroups }) => apiGroups.includes(names.group));
  for (const [resource, known] of Object.entries(endpoints)) {
    for (const [name, { method }] of Object.entries(known)) {
      const full = `${resource}/${name}`;
      const verbs = rules.find(({ resources }) => resources.includes(full))?.verbs;
      const expected = others.some((other) => other === full) ? undefined : [method === "GET" ? "get" : "update"];
      expect([full, verbs]).toEqual([full, expected]);
    }
  }
});

test("only what may be seen by viewers reaches them", () => {
  const verbs = rulesOf("kubevirt.io:view").map(({ resources, verbs: may }) => [resources, may]);
  expect(verbs).toEqual([
    [
      ["virtualmachines", "virtualmachineinstances"],
      ["get", "list", "watch"],
    ],
    [["virtualmachines/expand-spec", "virtualmachineinstances/log"], ["get"]],
    [["expand-vm-spec"], ["update"]],
  ]);
});

test("migrating is not for everybody who edits", () => {
  const labels = roles.find(({ metadata }) => metadata.name === "kubevirt.io:migrate")?.metadata.labels ?? {};
  expect(Object.keys(labels).filter((label) => label.startsWith("rbac."))).toEqual([]);
});

test("the daemon's pod waits for the Secret that the controller makes", () => {
  expect(JSON.stringify(manifests["node-daemon"])).toContain(`"secretName":"${secretNames.daemon}"`);
});

test("whoever is called at the add-on's Service has to show a certificate", () => {
  const registrations = objects.filter(({ kind }) => kind === "APIService");
  expect(registrations.map(({ spec }) => spec)).toEqual(
    names.versions.map((version) => expect.objectContaining({ version, service: expect.anything() })),
  );
  expect(JSON.stringify(objects)).not.toContain("insecureSkipTLSVerify");
});

test("nothing is exported: no definition, no server and no right is of that API group", () => {
  const served = [...definitions(), ...objects.filter(({ kind }) => kind === "APIService")];
  const groups = served.map(({ spec }) => (spec as { group: string }).group);
  expect([...new Set(groups)]).toEqual(["kubevirt.io", names.group]);
  expect(
    definitions()
      .map(({ spec }) => spec.names.plural)
      .toSorted(),
  ).toEqual(installed);
  expect(JSON.stringify([definitions(), objects])).not.toContain("export.kubevirt.io");
});
