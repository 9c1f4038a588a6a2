import { expect, test } from "vitest";
import { eventually, noPodIsEnding } from "../cluster.ts";
import { rounds } from "../rounds.ts";
import { useMachines } from "./machines.ts";

const machines = useMachines("storage-kills");
const { daemon, namespace } = machines;

const claims = ["files", "golden"].map((name) => ({
  apiVersion: "v1",
  kind: "PersistentVolumeClaim",
  metadata: { name },
  spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "64Mi" } } },
}));
const device = {
  ...claims[0],
  metadata: { name: "device" },
  spec: {
    volumeMode: "Block",
    storageClassName: "block",
    accessModes: ["ReadWriteOnce"],
    resources: { requests: { storage: "1Gi" } },
  },
};
const volumes = [
  { name: "files", persistentVolumeClaim: { claimName: "files" } },
  { name: "device", persistentVolumeClaim: { claimName: "device" } },
  { name: "golden", ephemeral: { persistentVolumeClaim: { claimName: "golden" } } },
  { name: "empty", emptyDisk: { capacity: "16Mi" } },
  { name: "seed", cloudInitNoCloud: { userData: "#cloud-config" } },
  { name: "settings", configMap: { name: "kube-root-ca.crt" } },
];

/** What is there in the middle of a step, below the folder of the instance. */
const moments = [
  "disks/ephemeral/empty.qcow2.part",
  "cloud-init/seed.iso.files-*",
  "cloud-init/settings.iso.part",
  "disks/root.base.qcow2",
  "disks/ephemeral/root.qcow2.part",
  "disks/golden.base.raw",
  "disks/files.claim.raw",
  "disks/device.claim.raw",
];

test("a machine that is deleted after its daemon was killed in the middle of any step leaves nothing", async () => {
  await machines.apply(...claims, device);
  // The overlaid claim has a disk.
  await machines.apply(machines.machine("maker", [{ name: "data", persistentVolumeClaim: { claimName: "golden" } }]));
  await machines.until("maker", "Running");
  await machines.remove("maker");
  await eventually(async () => expect(await daemon.sh("ls /var/lib/kubevirt-node")).toBe(""));
  // The hold program of a pod may outlive it for a moment.
  const cgroups = "find /sys/fs/cgroup/*/kubepods -type d -name 'pod*'";
  await eventually(async () => noPodIsEnding(await daemon.sh(cgroups)));
  const before = await machines.nodeState();
  for (const moment of rounds(moments)) {
    const isKilled = async (): Promise<boolean> => {
      const killed = machines.killDaemonAt(moment);
      await machines.apply(machines.machine("victim", volumes, { terminationGracePeriodSeconds: 0 }));
      return killed;
    };
    for (let attempt = 1; !(await isKilled()); attempt += 1) {
      expect(attempt, `attempts at killing the daemon while there is ${moment}`).toBeLessThan(5);
      await machines.remove("victim");
    }
    await namespace.kubectl("delete", "vm", "victim", "--wait=false");
    // It is gone by now; starting it anew finds that.
    await daemon.kill();
    await daemon.start();
    await namespace.kubectl("wait", "vm", "victim", "--for=delete", "--timeout=90s");
    await eventually(async () => expect(await machines.nodeState(), moment).toBe(before), 60_000);
  }
  const volume = await namespace.kubectl("get", "pvc", "device", "--output=jsonpath={.spec.volumeName}");
  await namespace.kubectl("delete", "pvc", "device");
  await namespace.kubectl("patch", "pv", volume, "--type=merge", '--patch={"spec":{"claimRef":null}}');
}, 400_000);
