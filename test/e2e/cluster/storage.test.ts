import { expect, test } from "vitest";
import { aPod, eventually, useNamespace } from "../cluster.ts";

const namespace = useNamespace("storage");

const claim = (name: string, spec: object): object => ({
  apiVersion: "v1",
  kind: "PersistentVolumeClaim",
  metadata: { name },
  spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "16Mi" } }, ...spec },
});
const volumes = (claimName: string): object => ({
  restartPolicy: "Never",
  volumes: [{ name: "data", persistentVolumeClaim: { claimName } }],
});
const succeeded = (pod: string): Promise<string> =>
  namespace.kubectl("wait", `pod/${pod}`, "--for=jsonpath={.status.phase}=Succeeded", "--timeout=60s");

test("what one pod writes to a PVC of the default class, the next reads", async () => {
  const mount = { volumeMounts: [{ name: "data", mountPath: "/data" }] };
  await namespace.apply(claim("files", {}), aPod("writer", "echo kept > /data/file", volumes("files"), mount));
  await succeeded("writer");
  await namespace.kubectl("delete", "pod", "writer");
  await namespace.apply(aPod("reader", "cat /data/file", volumes("files"), mount));
  await succeeded("reader");
  expect(await namespace.kubectl("logs", "reader")).toBe("kept");
  const storageClass = await namespace.kubectl("get", "pvc", "files", "--output=jsonpath={.spec.storageClassName}");
  expect(storageClass).toBe("standard");
});

test("a deleted PVC takes its volume with it", async () => {
  const volume = await namespace.kubectl("get", "pvc", "files", "--output=jsonpath={.spec.volumeName}");
  await namespace.kubectl("delete", "pod", "reader");
  await namespace.kubectl("delete", "pvc", "files");
  await eventually(async () => {
    expect(await namespace.kubectl("get", "pv", "--output=name")).not.toContain(volume);
  });
});

test("a PVC of volumeMode Block is a block device in the pod", async () => {
  const device = { volumeDevices: [{ name: "data", devicePath: "/dev/data" }] };
  const block = { volumeMode: "Block", storageClassName: "block" };
  await namespace.apply(
    claim("device", block),
    aPod("block-writer", "test -b /dev/data && echo kept | dd of=/dev/data conv=fsync", volumes("device"), device),
  );
  await succeeded("block-writer");
  await namespace.kubectl("delete", "pod", "block-writer");
  await namespace.apply(aPod("block-reader", "head -c 4 /dev/data", volumes("device"), device));
  await succeeded("block-reader");
  expect(await namespace.kubectl("logs", "block-reader")).toBe("kept");
});
