import { topologyOf, vcpusOf } from "../../api/guest-size.ts";
import type { VirtualMachineInstance } from "../../api/resources.ts";
import type { HostFacts } from "../instance/host.ts";
import { type Element, element } from "./element.ts";

/** The `<vcpu>`: the maximum number of CPUs, and the current number if that is lower. */
export function vcpuElement(spec: VirtualMachineInstance["spec"], host: HostFacts): Element {
  const count = vcpusOf(spec.domain.cpu);
  const empty = emptySockets(spec, host);
  return element("vcpu", { placement: "static", current: empty > 0 ? count : undefined }, count + empty);
}

/**
 * Adds an empty socket for a guest with a single emulated CPU. For a machine with at most one CPU, QEMU emulates the
 * guest's locked instructions without their memory barrier (it decides by `max_cpus > 1`). But QEMU's devices run in
 * another thread. So a guest's message to a virtio device is sometimes lost, and its network, disk or console hangs for
 * good.
 */
function emptySockets(spec: VirtualMachineInstance["spec"], { virtType }: HostFacts): number {
  return virtType === "qemu" && vcpusOf(spec.domain.cpu) === 1 ? 1 : 0;
}

/** The `<cpu>`: the requested model, else the node's own, or under emulation all that QEMU can emulate. */
export function cpuElement(spec: VirtualMachineInstance["spec"], host: HostFacts): Element {
  const { model, features = [] } = spec.domain.cpu ?? {};
  const { sockets, cores, threads } = topologyOf(spec.domain.cpu);
  const ofHost = model === undefined || model === "host-model" || model === "host-passthrough";
  const mode = !ofHost ? "custom" : host.virtType === "qemu" ? "maximum" : (model ?? "host-model");
  return element(
    "cpu",
    ofHost ? { mode } : { mode, match: "exact" },
    !ofHost && element("model", { fallback: "forbid" }, model),
    element("topology", { sockets: sockets + emptySockets(spec, host), dies: 1, cores, threads }),
    features.map(({ name, policy = "require" }) => element("feature", { policy, name })),
  );
}
