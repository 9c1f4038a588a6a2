import { randomBytes } from "node:crypto";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { pods } from "../../../api/kube/resources/core-resources.ts";
import { instances, type VirtualMachineInstance } from "../../../api/resources.ts";
import type { Variant } from "../../../cluster/dev/source-program.ts";
import { cluster, eventually, installDefinitions, nodes, useNamespace } from "../cluster.ts";
import { DaemonOnNode } from "./daemon-on-node.ts";
import { HandOver } from "./hand-over.ts";

/** Runs the daemon from the source tree on the first node for the tests of a file, and offers checks of instances. */
export function useDaemon(namespace: string, variant: Variant = {}) {
  useNamespace(namespace, { "pod-security.kubernetes.io/enforce": "restricted" });
  const [node] = nodes;
  const daemon = new DaemonOnNode(cluster, node, variant);
  const stage = { controller: undefined as unknown as HandOver };

  beforeAll(async () => {
    await installDefinitions();
    stage.controller = await HandOver.with(cluster.kubeconfig);
    await daemon.kill();
    await daemon.install();
    await daemon.start();
  });

  afterEach(async () => {
    await daemon.start();
    await cluster.kubectl(["delete", "vmi", "--all", "--wait=false", `--namespace=${namespace}`]);
    for (const { metadata } of (await stage.controller.client.list(instances, { namespace })).items) {
      await stage.controller.letGo(namespace, metadata.name ?? "").catch(() => {});
    }
    await eventually(nothingIsLeft);
  }, 300_000);

  afterAll(async () => {
    await daemon.kill("SIGTERM");
    stage.controller.client.close();
  });

  const name = (): string => `vm-${randomBytes(3).toString("hex")}`;

  async function run(instance: VirtualMachineInstance): Promise<VirtualMachineInstance> {
    await stage.controller.run(instance, node.name);
    return phase(instance, "Running");
  }

  /** Waits until the instance is in a phase. */
  async function phase(
    { metadata }: VirtualMachineInstance,
    wanted: string,
    timeout = 90_000,
  ): Promise<VirtualMachineInstance> {
    return eventually(async () => {
      const found = await stage.controller.get(namespace, metadata.name ?? "");
      expect(found.status).toMatchObject({ phase: wanted });
      return found;
    }, timeout);
  }

  /** Waits until the instance, which must exist, has a condition with these fields. */
  async function condition(instance: VirtualMachineInstance, type: string, wanted: object): Promise<void> {
    await eventually(async () => {
      const { status } = await stage.controller.get(namespace, instance.metadata.name ?? "");
      const found = status?.conditions?.find((one) => one.type === type);
      expect(found ?? {}, JSON.stringify(status)).toMatchObject(wanted);
    });
  }

  /** Waits until a condition is gone. */
  async function noCondition(instance: VirtualMachineInstance, type: string): Promise<void> {
    await eventually(async () => {
      const { status } = await stage.controller.get(namespace, instance.metadata.name ?? "");
      expect(status?.conditions?.map((one) => one.type)).not.toContain(type);
    });
  }

  async function nothingIsLeft(): Promise<void> {
    expect(await daemon.sh("ls /var/lib/kubevirt-node")).toBe("");
    expect(await daemon.sh("virsh list --all --name")).toBe("");
    expect(await daemon.sh("grep -c kubevirt-node/ /proc/1/mountinfo || true")).toBe("0");
  }

  /** Checks that ended instances have left only their logs. */
  async function logsAreLeft(): Promise<void> {
    const images = "/var/lib/kubevirt-node/*/disks /var/lib/kubevirt-node/*/cloud-init";
    expect(await daemon.sh(`find ${images} -type f 2>/dev/null || true`)).toBe("");
    expect(await daemon.sh("virsh list --all --name")).toBe("");
    expect(await daemon.sh("grep -c kubevirt-node/ /proc/1/mountinfo || true")).toBe("0");
  }

  const domainOf = ({ metadata }: VirtualMachineInstance): string => `${namespace}_${metadata.name}`;
  const pidOf = async (instance: VirtualMachineInstance): Promise<string> =>
    daemon.sh(`cat /run/libvirt/qemu/${domainOf(instance)}.pid`);
  const consoleOf = async ({ metadata }: VirtualMachineInstance): Promise<string> =>
    daemon.sh(`cat /var/lib/kubevirt-node/${metadata.uid}/console/serial0.log`);

  async function podOf({
    metadata,
  }: VirtualMachineInstance): Promise<{ name: string; uid: string; phase: string | undefined }> {
    const labelSelector = `kubevirt.io/created-by=${metadata.uid}`;
    const [pod] = (await stage.controller.client.list(pods, { namespace, labelSelector })).items;
    return { name: pod?.metadata?.name ?? "", uid: pod?.metadata?.uid ?? "", phase: pod?.status?.phase };
  }

  async function eventsOf({ metadata }: VirtualMachineInstance): Promise<string[]> {
    const selector = `--field-selector=involvedObject.kind=VirtualMachineInstance,involvedObject.name=${metadata.name}`;
    const output = "--output=jsonpath={range .items[*]}{.reason} {.count} {.message}{'\\n'}{end}";
    return (await cluster.kubectl(["get", "events", selector, output, `--namespace=${namespace}`])).trim().split("\n");
  }

  async function remove(instance: VirtualMachineInstance): Promise<void> {
    await cluster.kubectl(["delete", "vmi", instance.metadata.name ?? "", "--wait=false", `--namespace=${namespace}`]);
  }

  return Object.assign(stage, {
    node,
    daemon,
    name,
    run,
    phase,
    condition,
    noCondition,
    nothingIsLeft,
    logsAreLeft,
    domainOf,
    pidOf,
    consoleOf,
    podOf,
    eventsOf,
    remove,
  });
}
