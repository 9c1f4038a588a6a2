import { join } from "node:path";
import { expect, test } from "vitest";
import { stringify } from "yaml";
import { placeholderPod } from "../../../controller/vmi/placeholder-pod.ts";
import { anInstance, settings } from "../builders.ts";

const golden = (name: string) => join(import.meta.dirname, "golden", `${name}.yaml`);

test("the smallest instance has a pod that asks for nothing but memory and CPU", async () => {
  await expect(stringify(placeholderPod(anInstance(), settings))).toMatchFileSnapshot(golden("smallest"));
});

test("an instance's disks, ports, scheduling and names are its pod's", async () => {
  const instance = anInstance({
    metadata: {
      name: "web.example",
      namespace: "shop",
      uid: "11111111-2222-3333-4444-555555555555",
      labels: { app: "web" },
      annotations: {
        "sidecar.istio.io/inject": "false",
        "kubectl.kubernetes.io/last-applied-configuration": "{}",
        "kubevirt.io/domain": "another",
      },
    },
    spec: {
      domain: {
        memory: { guest: "1Gi" },
        cpu: { sockets: 2, cores: 2, threads: 1 },
        resources: {
          requests: { memory: "512Mi", "ephemeral-storage": "1G" },
          limits: { cpu: 2, memory: "2Gi", "ephemeral-storage": "2Gi" },
        },
        devices: { interfaces: [{ name: "default", masquerade: {}, ports: [{ name: "http", port: 80 }] }] },
      },
      volumes: [
        {
          name: "root",
          containerDisk: { image: "registry.test/debian:12", imagePullPolicy: "Always", imagePullSecret: "pull" },
        },
        { name: "data", containerDisk: { image: "registry.test/data@sha256:0", imagePullSecret: "pull" } },
        { name: "scratch", emptyDisk: { capacity: "1Gi" } },
        { name: "seed", cloudInitNoCloud: { secretRef: { name: "user" }, networkDataSecretRef: { name: "net" } } },
      ],
      readinessProbe: { httpGet: { path: "/ready", port: "http" }, periodSeconds: 2 },
      livenessProbe: { tcpSocket: { port: 22 }, initialDelaySeconds: 60, failureThreshold: 5 },
      terminationGracePeriodSeconds: 180,
      nodeSelector: { zone: "a" },
      tolerations: [{ key: "vm", operator: "Exists" }],
      priorityClassName: "high",
      subdomain: "vms",
    },
  });
  await expect(stringify(placeholderPod(instance, settings))).toMatchFileSnapshot(golden("everything"));
});

test("images are containers that our own program holds, where there are no volumes of them", async () => {
  const instance = anInstance({
    spec: {
      domain: {
        memory: { guest: "128Mi" },
        firmware: { kernelBoot: { container: { image: "registry.test/kernel", kernelPath: "/vmlinuz" } } },
      },
      volumes: [
        { name: "root", containerDisk: { image: "registry.test/debian:12", imagePullPolicy: "Always" } },
        { name: "hold", emptyDisk: { capacity: "1Gi" } },
      ],
    },
  });
  const pod = placeholderPod(instance, { ...settings, imageMode: "HoldContainer" });
  await expect(stringify(pod.spec)).toMatchFileSnapshot(golden("hold-containers"));
});

test("claims, objects and devices are the pod's, read-only where nobody writes", async () => {
  const instance = anInstance({
    spec: {
      domain: { memory: { guest: "128Mi" } },
      volumes: [
        { name: "files", persistentVolumeClaim: { claimName: "files" } },
        { name: "device", persistentVolumeClaim: { claimName: "device" } },
        { name: "base", ephemeral: { persistentVolumeClaim: { claimName: "base" } } },
        { name: "import", dataVolume: { name: "import" } },
        { name: "settings", configMap: { name: "settings", optional: true } },
        { name: "account", serviceAccount: { serviceAccountName: "robot" } },
        { name: "labels", downwardAPI: { fields: [{ path: "labels", fieldRef: { fieldPath: "metadata.labels" } }] } },
      ],
    },
  });
  const claims = new Map([["device", { spec: { volumeMode: "Block" } }]]);
  await expect(stringify(placeholderPod(instance, settings, claims))).toMatchFileSnapshot(golden("volumes"));
});
