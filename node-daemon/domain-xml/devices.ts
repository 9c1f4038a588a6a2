import type { VirtualMachineInstance } from "../../api/resources.ts";
import type { HostFacts } from "../instance/host.ts";
import type { InstancePaths } from "../instance/paths.ts";
import type { Card } from "../network/card.ts";
import { plannedDisks } from "./disk.ts";
import { type Child, type Element, element } from "./element.ts";
import { interfaceElement } from "./interface.ts";
import type { DomainVolume } from "./volume.ts";

/** Number of PCIe slots that stay free for hotplugged devices. */
const spareSlots = 10;

/** The `<devices>` element. */
export function devicesElement(
  spec: VirtualMachineInstance["spec"],
  { mtu }: HostFacts,
  paths: InstancePaths,
  volumes: ReadonlyMap<string, DomainVolume>,
  cards: readonly Card[],
): Element {
  const devices = spec.domain.devices ?? {};
  const virtioModel = devices.useVirtioTransitional ? "virtio-transitional" : undefined;
  const disks = plannedDisks(spec, volumes, virtioModel);
  const graphics = devices.autoattachGraphicsDevice !== false;
  const inputs = inputElements(devices, graphics);
  const usb = disks.some(({ bus }) => bus === "usb") || inputs.some(({ attributes }) => attributes.bus === "usb");
  const scsi = disks.some(({ bus }) => bus === "scsi");
  const children: Child[] = [
    disks.map((disk) => disk.element),
    cards.map((card) => interfaceElement(card, card.mtu ?? mtu, virtioModel)),
    usb
      ? element("controller", { type: "usb", index: 0, model: "qemu-xhci" })
      : element("controller", { type: "usb", index: 0, model: "none" }),
    scsi && element("controller", { type: "scsi", index: 0, model: virtioModel ?? "virtio-scsi" }),
    element("controller", { type: "virtio-serial", index: 0, model: virtioModel }),
    devices.autoattachSerialConsole !== false && serialElements(paths),
    agentElement(paths),
    inputs,
    graphics && graphicsElements(devices, paths),
    devices.rng &&
      element("rng", { model: virtioModel ?? "virtio" }, element("backend", { model: "random" }, "/dev/urandom")),
    devices.watchdog?.i6300esb &&
      element("watchdog", { model: "i6300esb", action: devices.watchdog.i6300esb.action ?? "reset" }),
    devices.autoattachMemBalloon === false
      ? element("memballoon", { model: "none" })
      : element("memballoon", { model: virtioModel ?? "virtio", freePageReporting: "on" }),
  ];
  // Disks, network cards, USB, SCSI, virtio-serial, random numbers, balloon and virtio inputs each take a slot.
  const taken = disks.filter(({ bus }) => bus === "virtio").length + cards.length + inputs.length + 5;
  return element(
    "devices",
    {},
    element("controller", { type: "pci", index: 0, model: "pcie-root" }),
    Array.from({ length: taken + spareSlots }, () => element("controller", { type: "pci", model: "pcie-root-port" })),
    children,
  );
}

function serialElements({ serialSocket }: InstancePaths): Child {
  return element(
    "serial",
    { type: "unix" },
    element("source", { mode: "bind", path: serialSocket }),
    element("target", { type: "isa-serial", port: 0 }),
  );
}

function agentElement({ agentSocket }: InstancePaths): Child {
  return element(
    "channel",
    { type: "unix" },
    element("source", { mode: "bind", path: agentSocket }),
    element("target", { type: "virtio", name: "org.qemu.guest_agent.0" }),
  );
}

function graphicsElements({ video }: Devices, { vncSocket }: InstancePaths): Child {
  return [
    // By default, QEMU disconnects the other clients when one asks for exclusive access.
    element(
      "graphics",
      { type: "vnc", sharePolicy: "ignore" },
      element("listen", { type: "socket", socket: vncSocket }),
    ),
    element("video", {}, element("model", { type: video?.type ?? "vga", heads: 1 })),
  ];
}

function inputElements({ inputs = [], autoattachInputDevice }: Devices, graphics: boolean): Element[] {
  const tablet = graphics && autoattachInputDevice && inputs.length === 0;
  const all: readonly { type: string; bus?: string | undefined }[] = tablet ? [{ type: "tablet", bus: "usb" }] : inputs;
  return all.map(({ type, bus = "usb" }) => element("input", { type, bus }));
}

type Devices = NonNullable<VirtualMachineInstance["spec"]["domain"]["devices"]>;
