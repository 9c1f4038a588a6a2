import {
  defaultGracePeriod,
  holdProgram,
  machineContainer,
  qemuUser,
  teardownSeconds,
} from "../../api/contract/constants.ts";
import { labels, placeholderApp } from "../../api/contract/labels.ts";
import { placeholderName } from "../../api/contract/placeholder.ts";
import { placeholderImages } from "../../api/contract/placeholder-images.ts";
import { hostnameOf } from "../../api/host-name.ts";
import { controlledBy } from "../../api/kube/controller/source.ts";
import type { Pod } from "../../api/kube/resources/core-resources.ts";
import { instanceIdLabel } from "../../api/names.ts";
import { instances, type VirtualMachineInstance } from "../../api/resources.ts";
import type { Claims } from "./claims.ts";
import { imageContainers } from "./image-containers.ts";
import type { PlaceholderSettings } from "./placeholder-settings.ts";
import { podAnnotations } from "./pod-annotations.ts";
import { podProbes } from "./pod-probes.ts";
import { podResources } from "./pod-resources.ts";
import { podVolumes } from "./pod-volumes.ts";

/** Containers have no rights at all. */
const securityContext = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ["ALL"] },
};

/**
 * The pod with which an instance is scheduled, and whose network, volumes and cgroup the machine uses. Everything that
 * Kubernetes can do for a pod is copied to it; the pod itself has no rights (Pod Security level `restricted`).
 */
export function placeholderPod(
  instance: VirtualMachineInstance,
  settings: PlaceholderSettings,
  claims: Claims = new Map(),
): Pod {
  const { metadata, spec } = instance;
  const { name = "", namespace = "", uid = "" } = metadata;
  const images = placeholderImages(spec);
  const asVolumes = settings.imageMode === "ImageVolume";
  const volumes = podVolumes(spec, asVolumes ? images : [], claims);
  const names = (spec.volumes ?? []).map((volume) => volume.name);
  const lent = imageContainers(asVolumes ? [] : images, names, settings, securityContext);
  const all = [...volumes.pod, ...lent.volumes];
  const pullSecrets = new Set(images.flatMap(({ imagePullSecret }) => imagePullSecret ?? []));
  const ports = containerPorts(instance);
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: placeholderName(metadata),
      namespace,
      labels: {
        ...metadata.labels,
        [labels.app]: placeholderApp,
        [labels.createdBy]: uid,
        [labels.machineName]: instanceIdLabel(name),
        [labels.instanceId]: instanceIdLabel(name),
      },
      annotations: podAnnotations(instance),
      ownerReferences: [controlledBy(instance, instances)],
    },
    spec: {
      restartPolicy: "Never",
      automountServiceAccountToken: false,
      ...serviceAccount(instance),
      enableServiceLinks: false,
      terminationGracePeriodSeconds: (spec.terminationGracePeriodSeconds ?? defaultGracePeriod) + teardownSeconds,
      hostname: hostnameOf(instance),
      ...scheduling(instance),
      // Only a node with a ready daemon could run it.
      nodeSelector: { ...spec.nodeSelector, ...architecture(instance), [labels.schedulable]: "true" },
      securityContext: {
        runAsNonRoot: true,
        runAsUser: qemuUser,
        runAsGroup: qemuUser,
        seccompProfile: { type: "RuntimeDefault" },
      },
      ...(pullSecrets.size > 0 ? { imagePullSecrets: [...pullSecrets].map((secret) => ({ name: secret })) } : {}),
      ...(lent.initContainers.length > 0 ? { initContainers: lent.initContainers } : {}),
      containers: [
        // The kubelet starts containers in order: when the placeholder's container runs, these run too.
        ...lent.containers,
        {
          name: machineContainer,
          image: settings.holdImage,
          imagePullPolicy: settings.holdPullPolicy,
          command: [holdProgram],
          ...(ports.length > 0 ? { ports } : {}),
          ...podProbes(instance),
          resources: podResources(spec.domain),
          securityContext,
          ...volumes.container,
        },
      ],
      ...(all.length > 0 ? { volumes: all } : {}),
    },
  };
}

/** The fields of the spec for the scheduler and the resolver, unchanged. */
function scheduling({ spec }: VirtualMachineInstance): Partial<NonNullable<Pod["spec"]>> {
  const { affinity, tolerations, topologySpreadConstraints, schedulerName, priorityClassName } = spec;
  const { subdomain, dnsPolicy, dnsConfig } = spec;
  const given = Object.entries({
    affinity,
    tolerations,
    topologySpreadConstraints,
    schedulerName,
    priorityClassName,
    subdomain,
    dnsPolicy,
    dnsConfig,
  }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given);
}

/** The account of a credentials volume; the API allows only one. */
function serviceAccount({ spec }: VirtualMachineInstance): { serviceAccountName?: string } {
  const [name] = (spec.volumes ?? []).flatMap((volume) => volume.serviceAccount?.serviceAccountName ?? []);
  return name === undefined ? {} : { serviceAccountName: name };
}

function architecture({ spec }: VirtualMachineInstance): Record<string, string> {
  return spec.architecture === undefined ? {} : { "kubernetes.io/arch": spec.architecture };
}

/** The ports of the interfaces, so that a Service can refer to them by name. */
function containerPorts({ spec }: VirtualMachineInstance): NonNullable<Container["ports"]> {
  const ports = (spec.domain.devices?.interfaces ?? []).flatMap(({ ports: named }) => named ?? []);
  return ports.map(({ name, port, protocol }) => ({
    containerPort: port,
    protocol: protocol ?? "TCP",
    ...(name ? { name } : {}),
  }));
}

type Container = NonNullable<Pod["spec"]>["containers"][number];
