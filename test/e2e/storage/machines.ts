import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { parseAllDocuments } from "yaml";
import type { VirtualMachine, VirtualMachineInstance } from "../../../api/resources.ts";
import type { Condition } from "../../../api/schema/condition.ts";
import type { Node } from "../../../cluster/cluster.ts";
import { sourceNode } from "../../../cluster/dev/source-program.ts";
import { cluster, eventually, installDefinitions, type Namespace, nodes, useNamespace } from "../cluster.ts";
import { ControllerProcess } from "../controller/controller-process.ts";
import { DaemonOnNode } from "../node-daemon/daemon-on-node.ts";

const examples = join(import.meta.dirname, "../../../examples");

/** An answer of the guest agent. */
interface Answer {
  return: Record<string, string | number | boolean | undefined>;
}

/** A namespace for machines, with the add-on's programs from the source tree, for the tests of a file. */
export class Machines {
  readonly namespace: Namespace;
  readonly daemon: DaemonOnNode;
  readonly node: Node;
  readonly controller: ControllerProcess;

  constructor(namespace: Namespace) {
    this.namespace = namespace;
    this.node = nodes[0];
    this.daemon = new DaemonOnNode(cluster, this.node);
    this.controller = new ControllerProcess(cluster.kubeconfig);
  }

  /** Makes a machine of the tiny guest with more volumes, for the node with the tests' daemon. */
  machine(name: string, volumes: readonly object[], spec: object = {}): object {
    const root = { name: "root", containerDisk: { image: "localhost/tiny:latest", imagePullPolicy: "IfNotPresent" } };
    const domain = { memory: { guest: "160Mi" }, devices: {} };
    const all = { domain, volumes: [root, ...volumes], nodeSelector: this.#here, terminationGracePeriodSeconds: 20 };
    return {
      apiVersion: "kubevirt.io/v1",
      kind: "VirtualMachine",
      metadata: { name },
      spec: { runStrategy: "Always", template: { spec: { ...all, ...spec } } },
    };
  }

  /** Reads the objects of a file of `examples/`, with its machines for the node with the tests' daemon. */
  async example(file: string): Promise<object[]> {
    const documents = parseAllDocuments(await readFile(join(examples, file), "utf8"));
    return documents.map((document) => {
      const object = document.toJS() as { spec?: { template?: { spec: object } } };
      const { template } = object.spec ?? {};
      if (template) template.spec = { ...template.spec, nodeSelector: this.#here };
      return object;
    });
  }

  get #here(): object {
    return { "kubernetes.io/hostname": this.node.name };
  }

  async apply(...manifests: readonly object[]): Promise<void> {
    await this.namespace.apply(...manifests);
  }

  async read(name: string): Promise<VirtualMachineInstance> {
    return JSON.parse(await this.namespace.kubectl("get", "vmi", name, "--output=json")) as VirtualMachineInstance;
  }

  /** Waits until a machine has a printable status. */
  async until(name: string, status: string): Promise<VirtualMachine> {
    await this.namespace.meets("vm", name, `jsonpath={.status.printableStatus}=${status}`, 120_000);
    return JSON.parse(await this.namespace.kubectl("get", "vm", name, "--output=json")) as VirtualMachine;
  }

  /** Waits until an instance has a condition whose JSON contains some words, and returns it. */
  async condition(name: string, type: string, words: string): Promise<Condition> {
    return eventually(async () => {
      const { status } = await this.read(name);
      const found = status?.conditions?.find((one) => one.type === type);
      if (found && JSON.stringify(found).includes(JSON.stringify(words).slice(1, -1))) return found;
      throw new Error(`${name} has no condition ${type} with ${words}, but ${JSON.stringify(status?.conditions)}`);
    }, 60_000);
  }

  /** Deletes machines and waits until they are gone. */
  async remove(...names: readonly string[]): Promise<void> {
    await this.namespace.kubectl("delete", "vm", ...names, "--timeout=90s");
  }

  /** Starts a shell script in a guest through its agent, and returns the process id. */
  async startInGuest(name: string, script: string): Promise<Answer["return"][string]> {
    const start = { path: "/bin/sh", arg: ["-c", script], "capture-output": true };
    const started = await eventually(() => this.#agent(name, { execute: "guest-exec", arguments: start }), 60_000);
    return started.return.pid;
  }

  /** Runs a shell script in a guest through its agent, and returns its output; throws when it fails. */
  async inGuest(name: string, script: string): Promise<string> {
    const pid = await this.startInGuest(name, script);
    const end = await eventually(async () => {
      const { return: status } = await this.#agent(name, { execute: "guest-exec-status", arguments: { pid } });
      if (status.exited !== true) throw new Error(`${script}: it has not ended`);
      return status;
    });
    const text = (field: string): string => Buffer.from(`${end[field] ?? ""}`, "base64").toString();
    if (end.exitcode !== 0) throw new Error(`${script}: ${text("err-data")}`);
    return text("out-data").trim();
  }

  async #agent(name: string, command: object): Promise<Answer> {
    const call = [
      "virsh",
      "qemu-agent-command",
      "--timeout=60",
      `${this.namespace.name}_${name}`,
      JSON.stringify(command),
    ];
    return JSON.parse(await this.node.bundle.run(call)) as Answer;
  }

  /**
   * Kills the daemon as soon as there is such a file below the folder of an instance. Returns whether it did: a busy machine
   * may look too late, when a guest has started.
   */
  async killDaemonAt(file: string): Promise<boolean> {
    const killed = await this.daemon.sh(`
      pid=$(pgrep --full '^${sourceNode} ')
      while [ -e /proc/$pid ] && [ ! -e /var/lib/kubevirt-node/*/started ]; do
        for file in /var/lib/kubevirt-node/*/${file}; do [ -e "$file" ] && kill -9 $pid && echo killed && exit; done
      done`);
    return killed !== "";
  }

  /** Lists the machines' parts on the node: folders, mounts, domains, loop devices, links and processes. */
  async nodeState(): Promise<string> {
    return this.daemon.sh(
      `find /var/lib/kubevirt-node; grep -o ' [^ ]*kubevirt-node[^ ]*' /proc/1/mountinfo
      virsh list --all --name; losetup --list --noheadings --output NAME; ls /sys/class/net | grep -v ^veth
      ps -e -o comm= | grep -E 'qemu|dnsmasq|udhcpd|xorriso|hold' | sort`,
    );
  }
}

/** Sets up machines for the tests of a file. */
export function useMachines(name: string): Machines {
  const machines = new Machines(useNamespace(name, { "pod-security.kubernetes.io/enforce": "restricted" }));
  const { namespace, daemon, controller } = machines;
  beforeAll(async () => {
    await installDefinitions();
    // The leader's Lease is in the add-on's namespace.
    const addOn = { apiVersion: "v1", kind: "Namespace", metadata: { name: "kubevirt" } };
    await cluster.kubectl(["apply", "--filename=-"], { input: JSON.stringify(addOn) });
    await daemon.kill();
    await daemon.install();
    await daemon.start();
    controller.start();
  });
  afterAll(async () => {
    await namespace.kubectl("delete", "vm,vmi", "--all", "--timeout=90s");
    await controller.end();
    await daemon.kill("SIGTERM");
  });
  return machines;
}
