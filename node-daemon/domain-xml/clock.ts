import type { VirtualMachineInstance } from "../../api/resources.ts";
import { type Element, element } from "./element.ts";

/** The `<clock>`: UTC when nothing is said, without the HPET, whose many interrupts no guest needs. */
export function clockElement(spec: VirtualMachineInstance["spec"]): Element {
  const { utc, timezone, timer = {} } = spec.domain.clock ?? {};
  const { rtc, pit, hpet, kvm, hyperv } = timer;
  const attributes = timezone
    ? { offset: "timezone", timezone }
    : utc?.offsetSeconds
      ? { offset: "variable", adjustment: utc.offsetSeconds, basis: "utc" }
      : { offset: "utc" };
  return element(
    "clock",
    attributes,
    element("timer", {
      name: "rtc",
      present: yesNo(rtc?.present),
      tickpolicy: rtc?.tickPolicy ?? "catchup",
      track: rtc?.track,
    }),
    element("timer", { name: "pit", present: yesNo(pit?.present), tickpolicy: pit?.tickPolicy ?? "delay" }),
    element("timer", {
      name: "hpet",
      present: yesNo(hpet ? (hpet.present ?? true) : false),
      tickpolicy: hpet?.tickPolicy,
    }),
    kvm && element("timer", { name: "kvmclock", present: yesNo(kvm.present ?? true) }),
    hyperv && element("timer", { name: "hypervclock", present: yesNo(hyperv.present ?? true) }),
  );
}

function yesNo(present: boolean | undefined): string | undefined {
  return present === undefined ? undefined : present ? "yes" : "no";
}
