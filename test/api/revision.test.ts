import { expect, test } from "vitest";
import { generationOf, revisionOf } from "../../api/revision.ts";

const owner = {
  apiVersion: "kubevirt.io/v1",
  kind: "VirtualMachine",
  name: "web",
  uid: "1b047ffb-6eeb-4fda-b081-169391886bfb",
  controller: true,
};
const made = (generation: string, owners: (typeof owner)[] = [owner]) => ({
  name: "web",
  annotations: { "kubevirt.io/vm-generation": generation },
  ownerReferences: owners,
});

test("a revision has KubeVirt's name", () => {
  expect(revisionOf(made("2"))).toBe("revision-start-vm-1b047ffb-6eeb-4fda-b081-169391886bfb-2");
});

test.for([
  {},
  made("2", []),
  made("2", [{ ...owner, controller: false }]),
  made("2", [{ ...owner, kind: "VirtualMachinePool" }]),
  made("2", [{ ...owner, apiVersion: "example.com/v1" }]),
  // Whoever makes an instance writes its annotations.
  made("2-of-others"),
  made("../2"),
])("%j was made of no machine at a generation", (metadata) => {
  expect(revisionOf(metadata)).toBeUndefined();
});

test("a generation is a number", () => {
  expect(generationOf(made("17"))).toBe(17);
  expect(generationOf(made("x"))).toBeUndefined();
});
