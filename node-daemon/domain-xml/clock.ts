import type { VirtualMachineInstance } from "../../api/resources.ts";
import { zoneOffset } from "../../api/values/time-zone.ts";
import { RefusedError } from "../core/refused-error.ts";
import { type Element, element } from "./element.ts";

/**
 * The `<clock>` of a guest that starts now: UTC when nothing is said, without the HPET, whose many interrupts no guest needs.
 * Throws for a time zone that is not known here.
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
 * How many seconds the clock is ahead of UTC. libvirt would leave a zone to QEMU, which looks for it among the files of the
 * node, and takes UTC without a word where it is not among them. Both ask at the start only.
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
