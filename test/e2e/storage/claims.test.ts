import { expect, test } from "vitest";
import { cluster, eventually } from "../cluster.ts";
import { useMachines } from "./machines.ts";

const machines = useMachines("claims");
const { namespace } = machines;

/** The one file of a claim's volume, on the node. */
async function imageOf(claim: string): Promise<string> {
  return machines.daemon.sh(`ls -d /var/lib/local-path/*_${namespace.name}_${claim}/disk.img`);
}

const claim = (name: string, spec: object = {}): object => ({
  apiVersion: "v1",
  kind: "PersistentVolumeClaim",
  metadata: { name },
  spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "64Mi" } }, ...spec },
});
const onClaim = (claimName: string, more: object = {}): object => ({
  name: "data",
  persistentVolumeClaim: { claimName, ...more },
});

test("an empty claim becomes a disk of its size, and what is written to it outlives the machine", async () => {
  const manifests = await machines.example("vm-pvc.yaml");
  await machines.apply(...manifests);
  await machines.until("with-data", "Running");
  const { status } = await machines.read("with-data");
  expect(status?.volumeStatus).toContainEqual({
    name: "data",
    target: "vdb",
    phase: "Bound",
    persistentVolumeClaimInfo: {
      claimName: "data",
      accessModes: ["ReadWriteOnce"],
      volumeMode: "Filesystem",
      capacity: { storage: "64Mi" },
      requests: { storage: "64Mi" },
    },
  });
  const bytes = Math.floor((64 * 1024 * 1024 * 0.945) / 4096) * 4096;
  expect(await machines.inGuest("with-data", "cat /sys/block/vdb/size")).toBe(String(bytes / 512));
  expect(await machines.daemon.sh(`stat -c %u:%s ${await imageOf("data")}`)).toBe(`107:${bytes}`);
  await machines.inGuest("with-data", "echo kept > /dev/vdb; sync");
  await machines.remove("with-data");
  await eventually(async () => expect(await machines.daemon.sh("ls /var/lib/kubevirt-node")).toBe(""));

  await machines.apply(...manifests);
  await machines.until("with-data", "Running");
  expect(await machines.inGuest("with-data", "head -c 4 /dev/vdb")).toBe("kept");
  await machines.remove("with-data");
});

test("a claim that is not there is told of, and waited for", async () => {
  await machines.apply(machines.machine("waits", [onClaim("late")]));
  await machines.until("waits", "ErrorPvcNotFound");
  const told = await machines.condition("waits", "Synchronized", "PersistentVolumeClaim claims/late is not there");
  expect(told).toMatchObject({ status: "False", reason: "FailedPvcNotFound" });
  await machines.apply(claim("late", { storageClassName: "none-of-these" }));
  await machines.until("waits", "WaitingForVolumeBinding");
  await machines.remove("waits");
});

test("a claim of mode Block is a disk of its size, and is another machine's only when this one has ended", async () => {
  const [block, first] = await machines.example("vm-block-pvc.yaml");
  await machines.apply(block!, first!);
  await machines.until("with-device", "Running");
  expect(await machines.inGuest("with-device", "cat /sys/block/vdb/size")).toBe(String(1024 ** 3 / 512));
  await machines.inGuest("with-device", "echo kept > /dev/vdb; sync");
  await machines.apply(machines.machine("two", [onClaim("device")]));
  const words = 'PersistentVolumeClaim "device" is in use by another machine';
  expect(await machines.condition("two", "Synchronized", words)).toMatchObject({ status: "False" });
  await machines.remove("with-device");
  await machines.until("two", "Running");
  expect(await machines.inGuest("two", "head -c 4 /dev/vdb")).toBe("kept");
  await machines.remove("two");
  // Volumes of this class stay as they are, and there are few: it is made free for the next.
  const volume = await namespace.kubectl("get", "pvc", "device", "--output=jsonpath={.spec.volumeName}");
  await namespace.kubectl("delete", "pvc", "device");
  await cluster.kubectl(["patch", "pv", volume, "--type=merge", '--patch={"spec":{"claimRef":null}}']);
});

test("what is written to an ephemeral disk ends with the machine, and several may have one claim", async () => {
  const [base, ...rest] = await machines.example("vm-ephemeral.yaml");
  await machines.apply(base!, machines.machine("maker", [onClaim("golden")]));
  await machines.until("maker", "Running");
  await machines.inGuest("maker", "echo gold > /dev/vdb; sync");
  await machines.remove("maker");
  await machines.apply(...rest);
  for (const name of ["copy-1", "copy-2"]) {
    await machines.until(name, "Running");
    expect(await machines.inGuest(name, "head -c 4 /dev/vdb; echo mine > /dev/vdb; sync")).toBe("gold");
  }
  await machines.remove("copy-1", "copy-2");
  expect(await machines.daemon.sh(`head -c 4 ${await imageOf("golden")}`)).toBe("gold");
});

test("a second machine on a claim waits for the end of the first, and says for what", async () => {
  await machines.apply(claim("shared"), machines.machine("one", [onClaim("shared")]));
  await machines.until("one", "Running");
  await machines.apply(machines.machine("two", [onClaim("shared")]));
  const words = 'PersistentVolumeClaim "shared" is in use by another machine';
  expect(await machines.condition("two", "Synchronized", words)).toMatchObject({ status: "False" });
  await machines.remove("one");
  await machines.until("two", "Running");
  await machines.remove("two");
});

test("a qcow2 image in a claim is one to its guest, a claim that is only read cannot be written, and links are refused", async () => {
  await machines.apply(claim("images"), machines.machine("first", [onClaim("images")]));
  await machines.until("first", "Running");
  await machines.remove("first");
  const image = await imageOf("images");
  await machines.daemon.sh(`rm ${image}; qemu-img create -q -f qcow2 ${image} 32M`);
  await machines.apply(machines.machine("second", [onClaim("images", { readOnly: true })]));
  await machines.until("second", "Running");
  expect(await machines.inGuest("second", "cat /sys/block/vdb/size /sys/block/vdb/ro")).toBe("65536\n1");
  await machines.remove("second");

  await machines.daemon.sh(`ln -sf /etc/shadow ${image}`);
  await machines.apply(machines.machine("third", [onClaim("images")]));
  await machines.condition("third", "Synchronized", "link, which is refused");
  // All at once: an empty claim would be given a disk.
  await machines.daemon.sh(
    `qemu-img create -q -f qcow2 -F raw -b /etc/shadow ${image}.new 1M; mv ${image}.new ${image}`,
  );
  await machines.condition("third", "Synchronized", "backing file, which is refused");
  await machines.remove("third");
});

test("an image that is changed after it was inspected does not lead its guest to another file", async () => {
  await machines.apply(claim("changed"), claim("late-disk"));
  const late = { name: "late", persistentVolumeClaim: { claimName: "late-disk" } };
  await machines.apply(machines.machine("maker", [onClaim("changed"), late]));
  await machines.until("maker", "Running");
  await machines.remove("maker");
  const [image, lateImage] = [await imageOf("changed"), await imageOf("late-disk")];
  await machines.daemon.sh(`rm ${lateImage}; qemu-img create -q -f qcow2 ${image}.new 1M; mv ${image}.new ${image}`);
  const readOnly = { ...late, persistentVolumeClaim: { claimName: "late-disk", readOnly: true } };
  await machines.apply(machines.machine("thief", [onClaim("changed"), readOnly]));
  await machines.condition("thief", "Synchronized", 'PersistentVolumeClaim "late-disk": it is read-only and has no');

  const secret = "/var/lib/secret.raw";
  await machines.daemon.sh(`truncate -s 1M ${secret}; chmod 666 ${secret}; cd /tmp
    qemu-img create -q -f qcow2 -o data_file=${secret},data_file_raw=on changed.qcow2 1M
    cat changed.qcow2 > ${image}; truncate -s 1M ${lateImage}`);
  await machines.condition("thief", "Synchronized", "external data file, which is refused");

  // As if it had been changed between that look and QEMU's.
  await machines.daemon.kill();
  const domain = `${namespace.name}_thief`;
  await machines.daemon.sh(`virsh --quiet start --paused ${domain}`);
  expect(await machines.daemon.sh(`ls -l /proc/$(cat /run/libvirt/qemu/${domain}.pid)/fd`)).toContain(secret);
  await machines.daemon.start();
  await machines.condition("thief", "Synchronized", "names another file, which is refused");
  expect(await machines.daemon.sh(`virsh domstate ${domain}`)).toContain("shut off");
  await machines.remove("thief");
  await machines.daemon.sh(`rm ${secret}`);
});

test("a machine with a qcow2 image in a claim, and with one above another, starts", async () => {
  await machines.apply(claim("own"), claim("below"));
  const below = { name: "below", persistentVolumeClaim: { claimName: "below" } };
  await machines.apply(machines.machine("maker", [onClaim("own"), below]));
  await machines.until("maker", "Running");
  await machines.remove("maker");
  for (const image of [await imageOf("own"), await imageOf("below")])
    await machines.daemon.sh(`qemu-img create -q -f qcow2 ${image}.new 1M; mv ${image}.new ${image}`);
  const ephemeral = { name: "below", ephemeral: { persistentVolumeClaim: { claimName: "below" } } };
  const firmware = { bootloader: { efi: { secureBoot: false } } };
  // However it is opened, QEMU calls a file by its path.
  const disks = [{ name: "root" }, { name: "data", io: "native" }, { name: "below", cache: "writethrough" }];
  const domain = { memory: { guest: "160Mi" }, devices: { disks }, firmware };
  await machines.apply(machines.machine("reader", [onClaim("own"), ephemeral], { domain }));
  await machines.until("reader", "Running");
  expect((await machines.read("reader")).status?.volumeStatus?.map(({ target }) => target)).toEqual([
    "vda",
    "vdb",
    "vdc",
  ]);
  await machines.remove("reader");
});
