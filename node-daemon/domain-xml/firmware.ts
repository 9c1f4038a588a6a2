import type { VirtualMachineInstance } from "../../api/resources.ts";
import { RefusedError } from "../core/refused-error.ts";
import type { Firmware, HostFacts } from "../instance/host.ts";
import type { InstancePaths } from "../instance/paths.ts";
import { type Child, type Element, element } from "./element.ts";

type Spec = VirtualMachineInstance["spec"];

/** The `<os>`. Throws when the node lacks the requested firmware. */
export function osElement(
  spec: Spec,
  host: HostFacts,
  { variables, kernel, initrd }: Pick<InstancePaths, "variables" | "kernel" | "initrd">,
): Element {
  const { bootloader, serial, kernelBoot } = spec.domain.firmware ?? {};
  const uefi = uefiOf(spec, host);
  return element(
    "os",
    {},
    element("type", { arch: host.arch, machine: spec.domain.machine?.type || "q35" }, "hvm"),
    uefi && element("loader", { readonly: "yes", secure: isSecure(spec) ? "yes" : "no", type: "pflash" }, uefi.code),
    uefi && element("nvram", { template: uefi.variables }, variables),
    kernelBoot && element("kernel", {}, kernel),
    kernelBoot?.container.initrdPath !== undefined && element("initrd", {}, initrd),
    kernelBoot?.kernelArgs && element("cmdline", {}, kernelBoot.kernelArgs),
    bootloader?.bios?.useSerial && element("bios", { useserial: "yes" }),
    (serial ?? spec.domain.chassis) !== undefined && element("smbios", { mode: "sysinfo" }),
  );
}

/** Whether the firmware starts only signed systems. */
export function isSecure({ domain }: Spec): boolean {
  const efi = domain.firmware?.bootloader?.efi;
  return efi !== undefined && (efi.secureBoot ?? true);
}

/** The requested UEFI firmware, if any. Throws when the node lacks it. */
export function uefiOf(spec: Spec, { uefi, secureUefi }: HostFacts): Firmware | undefined {
  if (!spec.domain.firmware?.bootloader?.efi) return undefined;
  if (isSecure(spec)) {
    if (secureUefi) return secureUefi;
    throw new RefusedError(
      "spec.domain.firmware.bootloader.efi.secureBoot: this node has no UEFI firmware with Secure Boot; false starts without",
    );
  }
  if (!uefi) throw new RefusedError("spec.domain.firmware.bootloader.efi: this node has no UEFI firmware for q35");
  return uefi;
}

/** The SMBIOS values that the guest reads, if any are set. */
export function sysinfoElement(spec: Spec): Child {
  const { serial } = spec.domain.firmware ?? {};
  const { chassis } = spec.domain;
  if ((serial ?? chassis) === undefined) return undefined;
  const entry = (name: string, value: string | undefined): Child =>
    value !== undefined && element("entry", { name }, value);
  return element(
    "sysinfo",
    { type: "smbios" },
    serial !== undefined && element("system", {}, entry("serial", serial)),
    chassis &&
      element(
        "chassis",
        {},
        entry("manufacturer", chassis.manufacturer),
        entry("version", chassis.version),
        entry("serial", chassis.serial),
        entry("asset", chassis.asset),
        entry("sku", chassis.sku),
      ),
  );
}

/**
 * Gives the guest its own UUID, by which cloud-init and others know it. Before its `<hwuuid>` of 11.6, libvirt would
 * use the domain's UUID. QEMU shows this UUID instead of the domain's wherever a guest sees one.
 */
export function firmwareUuidElement(spec: Spec): Child {
  const uuid = spec.domain.firmware?.uuid?.toLowerCase();
  if (uuid === undefined) return undefined;
  const args = ["-smbios", `type=1,uuid=${uuid}`];
  return element("qemu:commandline", {}, ...args.map((value) => element("qemu:arg", { value })));
}
