import { afterAll, beforeAll, expect, test } from "vitest";
import { cluster, eventually } from "../cluster.ts";
import { useMachines } from "./machines.ts";

const machines = useMachines("storage-faults");
const { namespace, daemon } = machines;

/** A small file system on the node, offered as a PersistentVolume. */
const small = "/var/lib/small-volume";
const volume = {
  apiVersion: "v1",
  kind: "PersistentVolume",
  metadata: { name: "small" },
  spec: {
    capacity: { storage: "64Mi" },
    accessModes: ["ReadWriteOnce"],
    storageClassName: "small",
    local: { path: small },
    nodeAffinity: {
      required: {
        nodeSelectorTerms: [
          { matchExpressions: [{ key: "kubernetes.io/hostname", operator: "In", values: [machines.node.name] }] },
        ],
      },
    },
  },
};
const claim = {
  apiVersion: "v1",
  kind: "PersistentVolumeClaim",
  metadata: { name: "small" },
  spec: {
    accessModes: ["ReadWriteOnce"],
    storageClassName: "small",
    volumeName: "small",
    resources: { requests: { storage: "64Mi" } },
  },
};
const data = { name: "data", persistentVolumeClaim: { claimName: "small" } };

beforeAll(async () => {
  await daemon.sh(`mkdir -p ${small}; mountpoint -q ${small} || mount -t tmpfs -o size=16M small ${small}`);
  await cluster.kubectl(["apply", "--filename=-"], { input: JSON.stringify(volume) });
  await namespace.apply(claim);
});
afterAll(async () => {
  await namespace.kubectl("delete", "vm", "--all", "--timeout=90s");
  await namespace.kubectl("delete", "pvc", "small", "--timeout=60s");
  await cluster.kubectl(["delete", "pv", "small"]);
  await daemon.sh(`umount ${small}`);
});

test("a guest whose disk is full is paused, says so, and goes on when there is room", async () => {
  await machines.apply(machines.machine("writer", [data]));
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
