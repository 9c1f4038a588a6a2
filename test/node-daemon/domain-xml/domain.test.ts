import { expect, test } from "vitest";
import type { VirtualMachineInstance } from "../../../api/resources.ts";
import { domainXml } from "../../../node-daemon/domain-xml/domain.ts";
import { readMetadata } from "../../../node-daemon/domain-xml/read.ts";
import type { DomainVolume } from "../../../node-daemon/domain-xml/volume.ts";
import type { HostFacts } from "../../../node-daemon/instance/host.ts";
import { instancePaths } from "../../../node-daemon/instance/paths.ts";
import { anInstance } from "../an-instance.ts";

const emulated: HostFacts = { virtType: "qemu", arch: "x86_64", mtu: undefined, uefi: undefined };
const uefi = { code: "/usr/share/OVMF/OVMF_CODE_4M.fd", variables: "/usr/share/OVMF/OVMF_VARS_4M.fd" };
const accelerated: HostFacts = { virtType: "kvm", arch: "x86_64", mtu: 1450, uefi };

const user = { user: 2_100_000_007, group: 2_100_000_007 };

function xmlOf(instance: VirtualMachineInstance, host: HostFacts, volumes: Record<string, DomainVolume> = {}): string {
  const paths = instancePaths("/var/lib/kubevirt-node", instance.metadata.uid ?? "");
  const parts = { instance, host, paths, user, volumes: new Map(Object.entries(volumes)), links: [] };
  return `${domainXml({ ...parts, now: new Date("2026-07-01T12:00:00Z") })}\n`;
}

const disks = "/var/lib/kubevirt-node/0a9f4c1e-8d3b-4c57-9b53-0d6f1e2a7c44/disks";

test("the least instance, emulated", async () => {
  await expect(xmlOf(anInstance(), emulated)).toMatchFileSnapshot("golden/least.xml");
});

test("a lone CPU has an empty socket beside it where it is emulated", () => {
  const cpus = (cores: number, host: HostFacts): string | undefined => {
    const instance = anInstance({ domain: { cpu: { cores, sockets: 1, threads: 1 } } });
    const found = /<vcpu.*<\/vcpu>[^]*(<topology .*\/>)/.exec(xmlOf(instance, host));
    return found?.[0].replace(/\n[^]*\n */, "");
  };
  expect(cpus(1, emulated)).toBe(
    "<vcpu placement='static' current='1'>2</vcpu><topology sockets='2' dies='1' cores='1' threads='1'/>",
  );
  expect(cpus(2, emulated)).toBe(
    "<vcpu placement='static'>2</vcpu><topology sockets='1' dies='1' cores='2' threads='1'/>",
  );
  expect(cpus(1, accelerated)).toBe(
    "<vcpu placement='static'>1</vcpu><topology sockets='1' dies='1' cores='1' threads='1'/>",
  );
});

test("an instance with everything, on KVM with UEFI", async () => {
  const instance = anInstance({
    spec: { networks: ["default", "old"].map((name) => ({ name, pod: {} })) },
    domain: {
      cpu: {
        cores: 2,
        sockets: 2,
        threads: 1,
        model: "host-passthrough",
        features: [{ name: "vmx", policy: "disable" }],
      },
      firmware: {
        uuid: "5d307ca9-b3ef-428c-8861-06e72d69f223",
        serial: "s-1",
        bootloader: { efi: { secureBoot: false } },
      },
      chassis: { manufacturer: "Us & Them", asset: "42" },
      clock: { timezone: "Europe/Berlin", timer: { hpet: { present: true }, kvm: {} } },
      features: { smm: {}, kvm: { hidden: true }, hyperv: { relaxed: {}, spinlocks: { spinlocks: 8191 } } },
      devices: {
        rng: {},
        watchdog: { name: "dog", i6300esb: { action: "poweroff" } },
        inputs: [{ name: "tablet", type: "tablet", bus: "usb" }],
        video: { type: "virtio" },
        blockMultiQueue: true,
        networkInterfaceMultiqueue: true,
        interfaces: [
          { name: "default", masquerade: {}, bootOrder: 2 },
          { name: "old", masquerade: {}, model: "e1000e", state: "down", macAddress: "02:00:00:00:00:02" },
        ],
        disks: [
          { name: "root", disk: { bus: "virtio" }, bootOrder: 1, serial: "R00T", cache: "none", io: "native" },
          { name: "seed", cdrom: { bus: "scsi" } },
          { name: "data", disk: { bus: "scsi", readonly: true }, errorPolicy: "report" },
        ],
      },
    },
  });
  const xml = xmlOf(instance, accelerated, {
    root: { file: `${disks}/root.qcow2`, format: "qcow2", backing: { file: `${disks}/root.base.raw`, format: "raw" } },
    seed: { file: `${disks}/../cloud-init/seed.iso`, format: "raw" },
    data: { file: `${disks}/data.qcow2`, format: "qcow2" },
  });
  await expect(xml).toMatchFileSnapshot("golden/everything.xml");
});

test("a volume and a network of one name are two devices", () => {
  const instance = anInstance({
    spec: { networks: [{ name: "data", pod: {} }] },
    devices: { interfaces: [{ name: "data", masquerade: {} }], disks: [{ name: "data", disk: { bus: "virtio" } }] },
  });
  const xml = xmlOf(instance, emulated, { data: { file: `${disks}/data.qcow2`, format: "qcow2" } });
  const aliases = xml.match(/<alias name='[^']*'/g) ?? [];
  expect(aliases).toHaveLength(2);
  expect(new Set(aliases).size).toBe(2);
});

test("machines that give their guests one UUID are domains of several", () => {
  const xml = (uid: string): string => xmlOf(anInstance({ metadata: { uid } }), emulated);
  const [one, other] = ["0a9f4c1e-8d3b-4c57-9b53-0d6f1e2a7c44", "1a9f4c1e-8d3b-4c57-9b53-0d6f1e2a7c44"];
  for (const uid of [one, other]) {
    expect(xml(uid).match(/<uuid>.*/g)).toEqual([`<uuid>${uid}</uuid>`]);
    expect(xml(uid)).toContain("<qemu:arg value='type=1,uuid=5d307ca9-b3ef-428c-8861-06e72d69f223'/>");
  }
});

test("an instance without console, screen and balloon", async () => {
  const instance = anInstance({
    devices: { autoattachSerialConsole: false, autoattachGraphicsDevice: false, autoattachMemBalloon: false },
  });
  const xml = xmlOf(instance, emulated);
  expect(xml).not.toMatch(/<serial|<graphics|<video/);
  expect(xml).toContain("<memballoon model='none'/>");
});

test("Secure Boot is refused by its field", () => {
  const instance = anInstance({ domain: { firmware: { bootloader: { efi: {} } } } });
  expect(() => xmlOf(instance, accelerated)).toThrow("spec.domain.firmware.bootloader.efi.secureBoot");
});

test("UEFI is refused where the node has none", () => {
  const instance = anInstance({ domain: { firmware: { bootloader: { efi: { secureBoot: false } } } } });
  expect(() => xmlOf(instance, emulated)).toThrow("this node has no UEFI firmware");
});

test("a domain is known again by its metadata", () => {
  const [, metadata = ""] = /<metadata>\s*(.*?)\s*<\/metadata>/s.exec(xmlOf(anInstance(), emulated)) ?? [];
  expect(readMetadata(metadata)).toEqual({
    namespace: "default",
    name: "db",
    uid: "0a9f4c1e-8d3b-4c57-9b53-0d6f1e2a7c44",
  });
  expect(readMetadata("<other/>")).toBeUndefined();
});

test("a clock in the time of a zone is as far ahead as the zone is at the start, whatever the node knows of zones", () => {
  const clock = (timezone: string): string | undefined =>
    /<clock [^>]*>/.exec(xmlOf(anInstance({ domain: { clock: { timezone } } }), emulated))?.[0];
  expect(clock("Europe/Berlin")).toBe("<clock offset='variable' adjustment='7200' basis='utc'>");
  expect(clock("America/St_Johns")).toBe("<clock offset='variable' adjustment='-9000' basis='utc'>");
  expect(clock("Etc/UTC")).toBe("<clock offset='utc'>");
  expect(() => clock("Europe/Berln")).toThrow(
    'spec.domain.clock.timezone: the programs of this node know no time zone "',
  );
});
