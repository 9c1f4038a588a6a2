import type { Pod } from "../../../api/kube/resources/core-resources.ts";
import type { VirtualMachineInstance } from "../../../api/resources.ts";
import type { ImageMode } from "../../../controller/image-mode.ts";
import { placeholderPod } from "../../../controller/vmi/placeholder-pod.ts";
import { aPod } from "../cluster.ts";

/* Pods of the controller, and Pods that a thief of its token would want. */

type Spec = NonNullable<Pod["spec"]>;
type Container = Spec["containers"][number];

export const namespaceName = "stolen-controller";
const settings = {
  holdImage: "localhost/hold:latest",
  holdPullPolicy: "IfNotPresent",
  globalNetworks: ["default"],
} as const;

/** Makes an instance as in the API server. */
export function anInstance(
  spec: Partial<VirtualMachineInstance["spec"]> = {},
  metadata: object = {},
): VirtualMachineInstance {
  const uid = "7a2f1c58-0a3e-4c43-9f57-2f5d8f2b7d11";
  return {
    apiVersion: "kubevirt.io/v1",
    kind: "VirtualMachineInstance",
    metadata: { name: "web", namespace: namespaceName, uid, ...metadata },
    spec: { domain: { memory: { guest: "64Mi" } }, ...spec },
  };
}

/** Makes an instance's placeholder, like the controller. */
export function placeholderOf(instance: VirtualMachineInstance, imageMode: ImageMode = "ImageVolume"): Pod {
  const claims = new Map([["device", { spec: { volumeMode: "Block" } }]]);
  return placeholderPod(instance, { ...settings, imageMode }, claims);
}

/** An instance whose placeholder has every possible part. */
export const everything = anInstance({
  domain: {
    memory: { guest: "64Mi" },
    devices: { interfaces: [{ name: "default", masquerade: {}, ports: [{ name: "http", port: 80 }] }] },
    firmware: { kernelBoot: { container: { image: "registry.test/kernel:1", kernelPath: "/vmlinuz" } } },
  },
  networks: [
    { name: "default", pod: {} },
    { name: "lan", multus: { networkName: "lan" } },
    { name: "shared", multus: { networkName: "default/shared" } },
  ],
  volumes: [
    { name: "root", containerDisk: { image: "registry.test/debian:12" } },
    { name: "seed", cloudInitNoCloud: { secretRef: { name: "user" }, networkDataSecretRef: { name: "net" } } },
    { name: "data", persistentVolumeClaim: { claimName: "data" } },
    { name: "device", persistentVolumeClaim: { claimName: "device" } },
    { name: "settings", configMap: { name: "settings" } },
    { name: "account", serviceAccount: { serviceAccountName: "robot" } },
    { name: "labels", downwardAPI: { fields: [{ path: "labels", fieldRef: { fieldPath: "metadata.labels" } }] } },
  ],
  readinessProbe: { httpGet: { path: "/ready", port: "http" }, periodSeconds: 2 },
});

/** Makes the smallest placeholder, with parts of its metadata replaced. */
function named(metadata: NonNullable<Pod["metadata"]>): Pod {
  const pod = placeholderOf(anInstance());
  return { ...pod, metadata: { ...pod.metadata, ...metadata } };
}

/** Makes the smallest placeholder with more annotations. */
const annotated = (annotations: Record<string, string>, pod = placeholderOf(anInstance())): Pod => ({
  ...pod,
  metadata: { ...pod.metadata, annotations: { ...pod.metadata?.annotations, ...annotations } },
});

/** Makes the smallest placeholder with parts of its spec replaced. */
function specified(more: Partial<Spec>, pod = placeholderOf(anInstance())): Pod {
  return { ...pod, spec: { ...pod.spec, ...more } as Spec };
}

/** Makes the smallest placeholder with parts of a container replaced. */
function contained(more: Partial<Container>, name = "compute", pod = placeholderOf(anInstance())): Pod {
  const { containers, initContainers = [], ...rest } = pod.spec as Spec;
  const changed = (all: readonly Container[]): Container[] =>
    all.map((container) => (container.name === name ? { ...container, ...more } : container));
  return {
    ...pod,
    spec: { ...rest, initContainers: changed(initContainers), containers: changed(containers) },
  };
}

/** Makes a placeholder with parts replaced in an image's container, or in the container that copies `hold`. */
function lent(name: "hold" | "volume-root", more: Partial<Container>): Pod {
  const volumes = [{ name: "root", containerDisk: { image: "registry.test/debian:12" } }];
  return contained(more, name, placeholderOf(anInstance({ volumes }), "HoldContainer"));
}

const folder = specified({ volumes: [{ name: "x", emptyDir: {} }] });
const mounted = (...paths: readonly string[]): Pod =>
  contained({ volumeMounts: paths.map((mountPath) => ({ name: "x", mountPath })) }, "compute", folder);

const confined = { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ["ALL"] } };
const plain = aPod("plain", "sleep 1") as Pod;
const more = { name: "more", image: "localhost/hold:latest", command: ["/hold"], securityContext: confined };
const own = placeholderOf(anInstance()).spec?.containers ?? [];
const shell = { command: ["/bin/sh"] };
const program = { exec: { command: ["/bin/sh"] } };
const runsMore = "it does not run hold alone";
const lies = "what is mounted may lie over hold";
const isOpen = "it is not confined as a placeholder's";
const isForeign = "that is not the HOLD_IMAGE of Deployment kubevirt/virt-controller, localhost/hold:latest";

/** Pods that the controller never makes: title, Pod, and a text of the refusal. */
export const strangePods: readonly (readonly [string, Pod, string])[] = [
  ["no placeholder", { ...plain, metadata: { ...plain.metadata, namespace: namespaceName } }, "placeholder pods only"],
  ["named as none", named({ name: "web" }), "placeholder pods only"],
  ["named after another instance", named({ name: "virt-launcher-other-12345" }), "placeholder pods only"],
  ["nobody's", named({ ownerReferences: [] }), "placeholder pods only"],
  ["not labelled", named({ labels: {} }), "metadata.labels: kubevirt.io: it is not virt-launcher"],
  ["in the cluster's namespace", placeholderOf(anInstance({}, { namespace: "kube-system" })), "no machines are run"],
  ["in the add-on's namespace", placeholderOf(anInstance({}, { namespace: "kubevirt" })), "no machines are run here"],
  ["given a device by annotation", annotated({ "cdi.k8s.io/x": "y" }), "cdi.k8s.io/x: how a container is confined"],
  [
    "on another namespace's network",
    placeholderOf(anInstance({ networks: [{ name: "x", multus: { networkName: "others/x" } }] })),
    `a placeholder has networks of namespaces default, ${namespaceName}`,
  ],
  [
    "on another namespace's network, otherwise written",
    annotated({ "k8s.v1.cni.cncf.io/networks": "others/x" }),
    "a placeholder has networks of namespaces",
  ],
  [
    "on another namespace's network by default",
    annotated({ "v1.multus-cni.io/default-network": "others/x" }),
    "a placeholder has networks of namespaces",
  ],
  ["in its node's network", specified({ hostNetwork: true }), "spec.hostNetwork: a placeholder has none"],
  ["among its node's processes", specified({ hostPID: true }), "spec.hostPID: a placeholder has none"],
  ["in its node's shared memory", specified({ hostIPC: true }), "spec.hostIPC: a placeholder has none"],
  ["placed by nobody", specified({ nodeName: "node-1" }), "spec.nodeName: a placeholder has none"],
  ["for each node", specified({ nodeSelector: {} }), "spec.nodeSelector: "],
  ["started again", specified({ restartPolicy: "Always" }), "spec.restartPolicy: "],
  ["with a folder of its node", specified({ volumes: [{ name: "x", hostPath: { path: "/" } }] }), "spec.volumes: x: "],
  ["given a token", specified({ automountServiceAccountToken: true }), "spec.automountServiceAccountToken: "],
  ["an account's without its token", specified({ serviceAccountName: "robot" }), "spec.serviceAccountName: "],
  ["possibly root's", specified({ securityContext: {} }), "spec.securityContext: "],
  [
    "with one more container",
    specified({ containers: [...own, more] }),
    "more: the controller makes no such container",
  ],
  ["with one more init container", specified({ initContainers: [more] }), "more: the controller makes no such init"],
  ["of another image", contained({ image: "localhost/toolbox:latest" }), isForeign],
  ["of another program", contained(shell), `compute: ${runsMore}`],
  ["of a program told more", contained({ args: ["copy", "/x"] }), `compute: ${runsMore}`],
  ["with a hook", contained({ lifecycle: { postStart: program } }), `compute: ${runsMore}`],
  ["with a probe that runs", contained({ livenessProbe: program }), `compute: ${runsMore}`],
  ["privileged", contained({ securityContext: { privileged: true } }), `compute: ${isOpen}`],
  [
    "with a capability",
    contained({ securityContext: { ...confined, capabilities: { drop: ["ALL"], add: ["NET_RAW"] } } }),
    `compute: ${isOpen}`,
  ],
  ["root's", contained({ securityContext: { ...confined, runAsUser: 0, runAsNonRoot: false } }), `compute: ${isOpen}`],
  [
    "without a filter of system calls",
    contained({ securityContext: { ...confined, seccompProfile: { type: "Unconfined" } } }),
    `compute: ${isOpen}`,
  ],
  ["on a port of its node", contained({ ports: [{ containerPort: 80, hostPort: 80 }] }), "it takes a port of its node"],
  ["with a mount over hold", mounted("/hold"), `compute: ${lies}`],
  ["with a mount over hold, otherwise written", mounted("/./hold"), `compute: ${lies}`],
  ["with a mount over everything", mounted("/"), `compute: ${lies}`],
  ["with a mount in another", mounted("/a", "/a/b"), `compute: ${lies}`],
  ["with an image that runs", lent("volume-root", shell), `volume-root: ${runsMore}`],
  [
    "with an image that has more mounted",
    lent("volume-root", {
      volumeMounts: [
        { name: "hold", mountPath: "/var/run/kubevirt/hold", readOnly: true },
        { name: "hold", mountPath: "/run" },
      ],
    }),
    `volume-root: ${lies}`,
  ],
  ["with an image that is privileged", lent("volume-root", { securityContext: { privileged: true } }), isOpen],
  ["with another image lending", lent("hold", { image: "localhost/toolbox:latest" }), isForeign],
  ["with something else lent", lent("hold", { command: ["/hold", "copy", "/x"] }), "hold: it does not copy hold alone"],
  [
    "saying that its containers are others'",
    annotated({ "kubevirt.io/requested-containers": "none" }, contained(shell)),
    `compute: ${runsMore}`,
  ],
];
