import { translatedCodeMiB } from "../../api/contract/translated-code.ts";
import type { VirtualMachineInstance } from "../../api/resources.ts";
import type { HostFacts } from "../instance/host.ts";
import { type Child, type Element, element } from "./element.ts";
import { isSecure } from "./firmware.ts";

interface Switch {
  enabled?: boolean | undefined;
}

/** The `<features>` element, for a guest with this many bytes of memory. */
export function featuresElement(
  spec: VirtualMachineInstance["spec"],
  memory: bigint,
  { virtType }: HostFacts,
): Element {
  const { acpi, apic, smm, kvm, pvspinlock, hyperv } = spec.domain.features ?? {};
  return element(
    "features",
    {},
    acpi?.enabled !== false && element("acpi"),
    apic?.enabled !== false &&
      element("apic", { eoi: apic?.endOfInterrupt === undefined ? undefined : onOff(apic.endOfInterrupt) }),
    hyperv && element("hyperv", { mode: "custom" }, hypervFeatures(hyperv)),
    kvm?.hidden && element("kvm", {}, element("hidden", { state: "on" })),
    pvspinlock && element("pvspinlock", { state: state(pvspinlock) }),
    // Without SMM, a guest could write to the variables with Secure Boot's trusted keys.
    (smm ?? (isSecure(spec) ? {} : undefined)) && element("smm", { state: state(smm ?? {}) }),
    virtType === "qemu" && element("tcg", {}, element("tb-cache", { unit: "MiB" }, translatedCodeMiB(memory))),
  );
}

function hypervFeatures(
  hyperv: NonNullable<NonNullable<VirtualMachineInstance["spec"]["domain"]["features"]>["hyperv"]>,
): Child[] {
  const plain = ["relaxed", "vapic", "vpindex", "runtime", "synic", "reset", "frequencies"] as const;
  const later = ["reenlightenment", "tlbflush", "ipi", "evmcs"] as const;
  const one = (name: (typeof plain)[number] | (typeof later)[number]): Child => {
    const feature = hyperv[name];
    return feature && element(name, { state: state(feature) });
  };
  const { spinlocks, synictimer, vendorid } = hyperv;
  return [
    ...plain.map(one),
    spinlocks && element("spinlocks", { state: state(spinlocks), retries: spinlocks.spinlocks ?? 4096 }),
    synictimer &&
      element(
        "stimer",
        { state: state(synictimer) },
        synictimer.direct && element("direct", { state: state(synictimer.direct) }),
      ),
    vendorid && element("vendor_id", { state: state(vendorid), value: vendorid.vendorid }),
    ...later.map(one),
  ];
}

const onOff = (on: boolean): string => (on ? "on" : "off");
const state = ({ enabled = true }: Switch): string => onOff(enabled);
