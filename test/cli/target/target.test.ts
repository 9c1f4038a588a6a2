import { expect, test } from "vitest";
import { oneTarget, parseTargets } from "../../../cli/target/target.ts";

const vm = (name: string) => ({ kind: "VirtualMachine", name });
const vmi = (name: string) => ({ kind: "VirtualMachineInstance", name });

test.for([
  [["web"], [vm("web")]],
  [
    ["vm/web", "vmi/db"],
    [vm("web"), vmi("db")],
  ],
  [
    ["vm/web/shop", "VMIS/db.prod/shop.eu", "virtualmachineinstance/a/b"],
    [
      { ...vm("web"), namespace: "shop" },
      { ...vmi("db.prod"), namespace: "shop.eu" },
      { ...vmi("a"), namespace: "b" },
    ],
  ],
  [["vm/testvm.with.dots"], [vm("testvm.with.dots")]],
  [
    ["vmi", "a", "b"],
    [vmi("a"), vmi("b")],
  ],
  [["virtualmachines.kubevirt.io/web"], [vm("web")]],
  [["VirtualMachineInstance", "a"], [vmi("a")]],
  [
    ["vm,vmi", "a"],
    [vm("a"), vmi("a")],
  ],
] as const)("%j names %j", ([args, named]) => {
  expect(parseTargets(args).named).toEqual(named);
});

test("a type alone names nothing and stands for all", () => {
  expect(parseTargets(["vm,vmis"])).toEqual({ kinds: ["VirtualMachine", "VirtualMachineInstance"], named: [] });
});

test.for([
  [["pod/web"], 'unknown type "pod" in "pod/web"'],
  [["vm/a/b/c"], '"vm/a/b/c" has more than a type, a name and a namespace'],
  [["vm/a/"], 'invalid namespace "" in "vm/a/"'],
  [["vm/a/B"], 'invalid namespace "B" in "vm/a/B"'],
  [["a/b/c"], 'unknown type "a" in "a/b/c"'],
  [["vm//b"], 'invalid name "" in "vm//b"'],
  [["vm", "vmi/a"], '"vm" needs plain names after it'],
  [["Web"], 'invalid name "Web"'],
  [["vm/"], 'invalid name "" in "vm/"'],
] as const)("%j is refused: %s", ([args, message]) => {
  expect(() => parseTargets(args)).toThrow(message);
});

test("one name is one name", () => {
  expect(oneTarget(["vmi", "a"])).toEqual(vmi("a"));
  expect(() => oneTarget(["vm"])).toThrow('a name is needed after "vm"');
  expect(() => oneTarget(["a", "b"])).toThrow("one name is needed, not 2");
});
