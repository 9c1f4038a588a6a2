import type { VirtualMachineInstance } from "../../api/resources.ts";
import type { HostFacts } from "../host.ts";
import { type Element, element } from "./element.ts";

/** The `<cpu>`: the asked-for model, else the node's own; what emulation has instead of the node's is all it can do. */
export function cpuElement(spec: VirtualMachineInstance["spec"], { virtType }: HostFacts): Element {
  const { cores = 1, sockets = 1, threads = 1, model, features = [] } = spec.domain.cpu ?? {};
  const ofHost = model === undefined || model === "host-model" || model === "host-passthrough";
  const mode = !ofHost ? "custom" : virtType === "qemu" ? "maximum" : (model ?? "host-model");
  return element(
    "cpu",
    ofHost ? { mode } : { mode, match: "exact" },
    !ofHost && element("model", { fallback: "forbid" }, model),
    element("topology", { sockets, dies: 1, cores, threads }),
    features.map(({ name, policy = "require" }) => element("feature", { policy, name })),
  );
}
