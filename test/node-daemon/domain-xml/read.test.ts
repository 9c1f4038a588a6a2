import { expect, test } from "vitest";
import { readDomain } from "../../../node-daemon/domain-xml/read.ts";

test("a disk's file is its own, not the one below it, and an empty drive has none", () => {
  const xml = `<domain type='kvm'><devices>
    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2'/>
      <source file='/disks/it&apos;s root.qcow2' index='1'/>
      <backingStore type='file' index='2'>
        <source file='/disks/root.base.raw'/>
      </backingStore>
      <target dev='vda' bus='virtio'/>
    </disk>
    <disk type='block' device='disk'>
      <source dev='/disks/data.claim.raw' index='3'/>
      <target dev='vdb' bus='virtio'/>
    </disk>
    <disk type='file' device='cdrom'>
      <target dev='sda' bus='sata'/>
    </disk>
  </devices></domain>`;
  expect([...readDomain(xml).files]).toEqual([
    ["vda", "/disks/it's root.qcow2"],
    ["vdb", "/disks/data.claim.raw"],
  ]);
});

test("an active domain tells its kind of machine, its agent and the user of its QEMU", () => {
  const xml = (state: string): string => `<domain type='qemu' id='1'>
    <os><type arch='x86_64' machine='pc-q35-9.2'>hvm</type></os>
    <devices>
      <channel type='unix'><target type='virtio' name='com.example.other' state='connected'/></channel>
      <channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0' state='${state}'/></channel>
    </devices>
    <seclabel type='dynamic' model='apparmor' relabel='yes'><label>libvirt-1</label></seclabel>
    <seclabel type='static' model='dac' relabel='no'><label>+2100000003:+107</label></seclabel>
  </domain>`;
  expect(readDomain(xml("connected"))).toMatchObject({ machine: "pc-q35-9.2", agent: true, user: 2_100_000_003 });
  expect(readDomain(xml("disconnected")).agent).toBe(false);
});

test("a domain without any of it tells nothing", () => {
  expect(readDomain("<domain type='qemu'/>")).toEqual({
    machine: undefined,
    agent: false,
    user: undefined,
    files: new Map(),
  });
  expect(readDomain("")).toMatchObject({ agent: false });
});
