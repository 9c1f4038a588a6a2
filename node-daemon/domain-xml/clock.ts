import type { VirtualMachineInstance } from "../../api/resources.ts";
import { zoneOffset } from "../../api/values/time-zone.ts";
import { RefusedError } from "../core/refused-error.ts";
import { type Element, element } from "./element.ts";

/**
 * The `<clock>` of a guest that starts now: UTC by default, without the HPET, whose many interrupts no guest needs.
 * Throws for an unknown time zone.
 */
export function clockElement(spec: VirtualMachineInstance["spec"], now: Date): Element {
  const { timer = {} } = spec.domain.clock ?? {};
  const { rtc, pit, hpet, kvm, hyperv } = timer;
  const adjustment = secondsAhead(spec, now);
  const attributes = adjustment ? { offset: "variable", adjustment, basis: "utc" } : { offset: "utc" };
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

/**
 * The clock's offset from UTC in seconds. libvirt would pass a zone to QEMU, which looks it up among the node's files
 * and silently uses UTC if it is missing. This daemon and QEMU both evaluate the zone only at the start.
 */
function secondsAhead({ domain }: VirtualMachineInstance["spec"], now: Date): number | undefined {
  const { utc, timezone } = domain.clock ?? {};
  if (timezone === undefined) return utc?.offsetSeconds;
  const offset = zoneOffset(timezone, now);
  if (offset !== undefined) return offset;
  throw new RefusedError(`spec.domain.clock.timezone: the programs of this node know no time zone "${timezone}"`);
}

function yesNo(present: boolean | undefined): string | undefined {
  return present === undefined ? undefined : present ? "yes" : "no";
}
