import type { VirtualMachineInstance } from "../../api/resources.ts";
import type { HostFacts } from "../host.ts";
import { RefusedError } from "../refused-error.ts";
import { type Child, type Element, element } from "./element.ts";

/** The `<os>`. Throws when the node lacks the firmware that is asked for. */
export function osElement(spec: VirtualMachineInstance["spec"], host: HostFacts, variables: string): Element {
  const { bootloader, serial } = spec.domain.firmware ?? {};
  const uefi = bootloader?.efi ? uefiOf(host, bootloader.efi.secureBoot ?? true) : undefined;
  return element(
    "os",
    {},
    element("type", { arch: host.arch, machine: spec.domain.machine?.type ?? "q35" }, "hvm"),
    uefi && element("loader", { readonly: "yes", secure: "no", type: "pflash" }, uefi.code),
    uefi && element("nvram", { template: uefi.variables }, variables),
    bootloader?.bios?.useSerial && element("bios", { useserial: "yes" }),
    (serial ?? spec.domain.chassis) !== undefined && element("smbios", { mode: "sysinfo" }),
  );
}

function uefiOf({ uefi }: HostFacts, secureBoot: boolean): NonNullable<HostFacts["uefi"]> {
  if (secureBoot) {
    throw new RefusedError(
      "spec.domain.firmware.bootloader.efi.secureBoot: Secure Boot is not supported; set it to false to start with UEFI",
    );
  }
  if (!uefi) throw new RefusedError("spec.domain.firmware.bootloader.efi: this node has no UEFI firmware for q35");
  return uefi;
}

/** What the guest reads by SMBIOS, if anything is set. */
export function sysinfoElement(spec: VirtualMachineInstance["spec"]): Child {
  const { serial, uuid } = spec.domain.firmware ?? {};
  const { chassis } = spec.domain;
  if ((serial ?? chassis) === undefined) return undefined;
  const entry = (name: string, value: string | undefined): Child =>
    value !== undefined && element("entry", { name }, value);
  return element(
    "sysinfo",
    { type: "smbios" },
    serial !== undefined && element("system", {}, entry("serial", serial), entry("uuid", uuid)),
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
