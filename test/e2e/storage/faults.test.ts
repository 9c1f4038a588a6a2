import { afterAll, beforeAll, expect, test } from "vitest";
import { cluster, eventually } from "../cluster.ts";
import { useMachines } from "./machines.ts";

const machines = useMachines("storage-faults");
const { namespace, daemon } = machines;

/** Small file systems on the node, each offered as a PersistentVolume of its own: one fills up, one is full, one fails. */
const small = "/var/lib/small-volume";
const crowded = "/var/lib/crowded-volume";
const failing = "/var/lib/failing-volume";

function volumeAt(name: string, path: string): object {
  const here = { key: "kubernetes.io/hostname", operator: "In", values: [machines.node.name] };
  return {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name },
    spec: {
      capacity: { storage: "64Mi" },
      accessModes: ["ReadWriteOnce"],
      storageClassName: "small",
      local: { path },
      nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [here] }] } },
    },
  };
}
const claimOn = (name: string): object => ({
  apiVersion: "v1",
  kind: "PersistentVolumeClaim",
  metadata: { name },
  spec: {
    accessModes: ["ReadWriteOnce"],
    storageClassName: "small",
    volumeName: name,
    resources: { requests: { storage: "64Mi" } },
  },
});
const onClaim = (claimName: string): object => ({ name: "data", persistentVolumeClaim: { claimName } });
const data = onClaim("small");

beforeAll(async () => {
  await daemon.sh(`mkdir -p ${small}; mountpoint -q ${small} || mount -t tmpfs -o size=16M small ${small}`);
  await daemon.sh(`mkdir -p ${crowded}; mountpoint -q ${crowded} || {
    mount -t tmpfs -o size=1M crowded ${crowded} && dd if=/dev/zero of=${crowded}/disk.img bs=1M count=1; }`);
  await daemon.sh(`mkdir -p ${failing}; mountpoint -q ${failing} || {
    truncate -s 32M ${failing}.img && mkfs.ext4 -q -O ^has_journal ${failing}.img &&
    mount -o loop,errors=remount-ro ${failing}.img ${failing}; }`);
  const volumes = { small, crowded, failing };
  await namespace.apply(...Object.entries(volumes).map(([name, path]) => volumeAt(name, path)));
  await namespace.apply(...Object.keys(volumes).map(claimOn));
});
afterAll(async () => {
  await namespace.kubectl("delete", "vm", "--all", "--timeout=90s");
  await namespace.kubectl("delete", "pvc", "small", "crowded", "failing", "--timeout=60s");
  await cluster.kubectl(["delete", "pv", "small", "crowded", "failing"]);
  await daemon.sh(`umount ${small}; umount ${crowded}; umount ${failing} 2>/dev/null; rm -f ${failing}.img`);
});

test("a guest whose disk is full is paused, says so, and goes on when there is room", async () => {
  // It goes on although there is no room behind another disk.
  const other = { name: "other", persistentVolumeClaim: { claimName: "crowded", readOnly: true } };
  await machines.apply(machines.machine("writer", [data, other]));
  await machines.until("writer", "Running");
  // As large as what is free, not as what was asked for.
  expect(Number(await machines.inGuest("writer", "cat /sys/block/vdb/size")) * 512).toBeLessThanOrEqual(16 << 20);
  await daemon.sh(`dd if=/dev/zero of=${small}/filler bs=1M count=12 2>/dev/null`);
  await machines.startInGuest(
    "writer",
    "dd if=/dev/zero of=/dev/vdb bs=1M count=8 conv=fsync && echo done > /run/done",
  );
  const told = await machines.condition("writer", "Paused", 'the storage of disk "data" is full');
  expect(told).toMatchObject({ status: "True", reason: "PausedIOError" });
  await machines.until("writer", "Paused");
  await daemon.sh(`rm ${small}/filler`);
  await machines.until("writer", "Running");
  await eventually(async () => expect(await machines.inGuest("writer", "cat /run/done")).toBe("done"));
  await machines.remove("writer");
});

test("a corrupt image is told of, and the machine starts when it is mended", async () => {
  await daemon.sh(`rm ${small}/disk.img; printf 'QFI\\373\\0\\0\\0\\003broken' > ${small}/disk.img`);
  await machines.apply(machines.machine("reader", [data]));
  const told = await machines.condition(
    "reader",
    "Synchronized",
    'PersistentVolumeClaim "small": its image cannot be read',
  );
  expect(told.message).not.toContain("/proc/");
  await daemon.sh(`rm ${small}/disk.img`);
  await machines.until("reader", "Running");
  await machines.remove("reader");
});

test("a volume that fails under a guest pauses it and is told of, and so is one that is gone at a start", async () => {
  const machine = machines.machine("loser", [onClaim("failing")], { terminationGracePeriodSeconds: 0 });
  await machines.apply(machine);
  await machines.until("loser", "Running");
  await machines.inGuest("loser", "echo kept > /dev/vdb; sync");
  // What the kernel does when it meets an error in a file system: from then on all writing fails.
  await daemon.sh(`device=$(findmnt --noheadings --output SOURCE ${failing})
    echo lost > /sys/fs/ext4/\${device#/dev/}/trigger_fs_error`);
  await machines.startInGuest("loser", "echo lost > /dev/vdb; sync");
  const told = await machines.condition("loser", "Paused", 'the storage of disk "data" fails');
  expect(told).toMatchObject({ status: "True", reason: "PausedIOError" });
  await machines.remove("loser");

  await eventually(() => daemon.sh(`umount ${failing} && rmdir ${failing}`));
  await machines.apply(machine);
  expect(await machines.condition("loser", "Ready", failing)).toMatchObject({ status: "False" });
  await machines.remove("loser");
});
