import { expect, test } from "vitest";
import { diskFiles } from "../../../../node-daemon/adapters/storage/disk-files.ts";

test("a disk's file is its own, not the one below it, and an empty drive has none", () => {
  const xml = `<devices>
    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2'/>
      <source file='/disks/root.qcow2' index='1'/>
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
  </devices>`;
  expect([...diskFiles(xml)]).toEqual([
    ["vda", "/disks/root.qcow2"],
    ["vdb", "/disks/data.claim.raw"],
  ]);
});
