import { guestMemoryOf } from "../../api/guest-size.ts";
import type { VirtualMachineInstance } from "../../api/resources.ts";
import { wholeUnits } from "../../api/values/quantity.ts";
import type { HostFacts } from "../instance/host.ts";
import { domainName, identityOf } from "../instance/identity.ts";
import type { InstancePaths } from "../instance/paths.ts";
import type { QemuUser } from "../instance/qemu-user.ts";
import { cardsOf } from "../network/card.ts";
import type { PodLink } from "../network/pod-link.ts";
import { clockElement } from "./clock.ts";
import { cpuElement, vcpuElement } from "./cpu.ts";
import { devicesElement } from "./devices.ts";
import { element, render } from "./element.ts";
import { featuresElement } from "./features.ts";
import { firmwareUuidElement, osElement, sysinfoElement } from "./firmware.ts";
import { metadataElement } from "./metadata.ts";
import type { DomainVolume } from "./volume.ts";

/** The inputs for a domain's XML. */
export interface DomainParts {
  readonly instance: VirtualMachineInstance;
  readonly host: HostFacts;
  readonly paths: InstancePaths;
  /** The user as which QEMU runs. */
  readonly user: QemuUser;
  /** The files behind the instance's volumes, by volume name. */
  readonly volumes: ReadonlyMap<string, DomainVolume>;
  /** The pod's devices that the guest is bridged to. */
  readonly links: readonly PodLink[];
  readonly now: Date;
}

/**
 * The XML of an instance's domain. Throws, naming the field, for a request that this node cannot fulfil.
 *
 * The XML has no cgroups: the daemon moves QEMU into the placeholder Pod's cgroups.
 */
export function domainXml({ instance, host, paths, user, volumes, links, now }: DomainParts): string {
  const { spec } = instance;
  const identity = identityOf(instance);
  const memory = guestMemory(instance);
  return render(
    element(
      "domain",
      { type: host.virtType, "xmlns:qemu": "http://libvirt.org/schemas/domain/qemu/1.0" },
      element("name", {}, domainName(identity)),
      // The firmware's UUID may also be another machine's, and libvirt allows no two domains with the same UUID.
      element("uuid", {}, identity.uid),
      element("metadata", {}, metadataElement(identity)),
      element("memory", { unit: "b" }, memory),
      vcpuElement(spec, host),
      sysinfoElement(spec),
      osElement(spec, host, paths),
      featuresElement(spec, memory, host),
      cpuElement(spec, host),
      clockElement(spec, now),
      element("on_poweroff", {}, "destroy"),
      element("on_reboot", {}, "restart"),
      element("on_crash", {}, "destroy"),
      devicesElement(spec, host, paths, volumes, cardsOf(instance, links)),
      // libvirt gives this user its own files of the domain. `relabel: "no"` exempts the files that the daemon makes.
      element(
        "seclabel",
        { type: "static", model: "dac", relabel: "yes" },
        element("label", {}, `+${user.user}:+${user.group}`),
      ),
      firmwareUuidElement(spec),
    ),
  );
}

/** The guest's memory in bytes. */
export function guestMemory({ spec }: VirtualMachineInstance): bigint {
  const given = guestMemoryOf(spec.domain);
  if (given === undefined) throw new TypeError("spec.domain.memory: the guest's memory is needed");
  return wholeUnits(given);
}
