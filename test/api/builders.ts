import type { InstanceSpec } from "../../api/schema/instance-spec.ts";
import type { VirtualMachine, VirtualMachineSpec } from "../../api/schema/virtual-machine.ts";
import type { VirtualMachineInstance } from "../../api/schema/virtual-machine-instance.ts";

/** Makes the smallest valid spec, with more fields if given. */
export function aSpec(fields: Partial<InstanceSpec> = {}): InstanceSpec {
  return { domain: { devices: {}, memory: { guest: "128Mi" } }, ...fields };
}

/** A VirtualMachineInstance with this spec. */
export function anInstance(fields: Partial<InstanceSpec> = {}, name = "small"): VirtualMachineInstance {
  return {
    apiVersion: "kubevirt.io/v1",
    kind: "VirtualMachineInstance",
    metadata: { name, namespace: "default" },
    spec: aSpec(fields),
  };
}

/** A VirtualMachine with this spec. */
export function aMachine(fields: Partial<VirtualMachineSpec> = {}, name = "small"): VirtualMachine {
  return {
    apiVersion: "kubevirt.io/v1",
    kind: "VirtualMachine",
    metadata: { name, namespace: "default" },
    spec: { runStrategy: "Always", template: { spec: aSpec() }, ...fields },
  };
}

/** Makes an object that sets the field of a refused path: `{ "a": { "b": [VALUE] } }` for `a.b[]`. */
export function asking(steps: readonly string[], value: unknown): unknown {
  const [step, ...rest] = steps;
  if (step === undefined) return value;
  if (step === "[]") return [{ name: "thing", ...Object(asking(rest, value)) }];
  return { [step]: asking(rest, value) };
}

/** Merges two trees of objects and lists; `b` wins. */
export function merged(a: unknown, b: unknown): unknown {
  if (Array.isArray(a) || Array.isArray(b) || !isObject(a) || !isObject(b)) return b;
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return Object.fromEntries([...names].map((name) => [name, name in b ? merged(a[name], b[name]) : a[name]]));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
