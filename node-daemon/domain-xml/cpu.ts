import { topologyOf, vcpusOf } from "../../api/guest-size.ts";
import type { VirtualMachineInstance } from "../../api/resources.ts";
import type { HostFacts } from "../instance/host.ts";
import { type Element, element } from "./element.ts";

/** The `<vcpu>`: how many there can be, and how many there are where those are fewer. */
export function vcpuElement(spec: VirtualMachineInstance["spec"], host: HostFacts): Element {
  const count = vcpusOf(spec.domain.cpu);
  const empty = emptySockets(spec, host);
  return element("vcpu", { placement: "static", current: empty > 0 ? count : undefined }, count + empty);
}

/**
 * A lone emulated CPU gets a socket without a CPU beside it. For a machine that can have one CPU only, QEMU emulates the
 * guest's locked instructions without the memory barrier that they are (it starts each CPU with `max_cpus > 1` as what
 * decides it), though its devices run in another thread: now and then the guest's word to a device of virtio is lost, and
 * its network, disk or console stands still for good.
 */
function emptySockets(spec: VirtualMachineInstance["spec"], { virtType }: HostFacts): number {
  return virtType === "qemu" && vcpusOf(spec.domain.cpu) === 1 ? 1 : 0;
}

/** The `<cpu>`: the asked-for model, else the node's own; what emulation has instead of the node's is all it can do. */
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
