import { writeFile } from "node:fs/promises";
import { execa } from "execa";
import type { KubeClient } from "../../api/kube/client/client.ts";
import { type Pod, pods } from "../../api/kube/resources/core-resources.ts";
import { instances, type VirtualMachineInstance } from "../../api/resources.ts";

import type { Node } from "../../cluster/cluster.ts";
import { Watched } from "./watched.ts";

/** Something of which many can be started, each by a name of its own. */
export interface Starter {
  /** Starts one and returns after how many milliseconds it was there. */
  start(name: string): Promise<number>;
  /** Ends them, and waits until nothing is left. */
  end(names: readonly string[]): Promise<void>;
}

/** The least pod: a program that does nothing. It is there when it is Ready. */
export class PausePods implements Starter {
  readonly #pods: Watched<Pod>;

  constructor(client: KubeClient) {
    this.#pods = new Watched(client, pods);
  }

  start(name: string): Promise<number> {
    return this.#pods.create(pausePod(name), ({ status }) =>
      Boolean(status?.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True")),
    );
  }

  end(names: readonly string[]): Promise<void> {
    return this.#pods.delete(...names.map(pausePod));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#pods[Symbol.asyncDispose]();
  }
}

function pausePod(name: string): Pod {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "default" },
    spec: {
      terminationGracePeriodSeconds: 0,
      containers: [{ name: "hold", image: "localhost/hold:latest", imagePullPolicy: "Never" }],
    },
  };
}

/** The least instance: no disk, 64 MiB. It is there when it is Running. */
export class Instances implements Starter {
  readonly #instances: Watched<VirtualMachineInstance>;

  constructor(client: KubeClient) {
    this.#instances = new Watched(client, instances);
  }

  start(name: string): Promise<number> {
    return this.#instances.create(guestless(name), ({ status }) => {
      if (status?.phase === "Failed") throw new Error(`instance ${name} failed: ${status.reason}`);
      return status?.phase === "Running";
    });
  }

  end(names: readonly string[]): Promise<void> {
    return this.#instances.delete(...names.map(guestless));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#instances[Symbol.asyncDispose]();
  }
}

/** An instance without a guest; it asks for so little CPU that dozens fit the smallest of nodes. */
export function guestless(name: string): VirtualMachineInstance {
  return {
    apiVersion: "kubevirt.io/v1",
    kind: "VirtualMachineInstance",
    metadata: { name, namespace: "default" },
    spec: {
      terminationGracePeriodSeconds: 0,
      domain: { memory: { guest: "64Mi" }, resources: { requests: { cpu: "10m" } }, devices: {} },
    },
  };
}

/** As whom the QEMU of an instance's domain runs. */
export function qemuUserIn(xml: string): string {
  const user = /<label>\+(\d+):/.exec(xml)?.[1];
  if (user === undefined) throw new Error("the domain does not say as whom its QEMU runs");
  return user;
}

/** The folder of a node in which the domains of {@link Domains} have their sockets. */
const folder = "/var/lib/libvirt/bench";

/** The very domain of an instance, started by virsh. It is there when virsh has ended. */
export class Domains implements Starter {
  readonly #node: Node;
  readonly #xml: string;

  private constructor(node: Node, xml: string) {
    this.#node = node;
    this.#xml = xml;
  }

  /** Makes them from the domain of an instance that runs. */
  static async of(node: Node, instance: string): Promise<Domains> {
    const xml = await node.bundle.run(["virsh", "dumpxml", "--inactive", `default_${instance}`]);
    await node.bundle.run(["install", "--directory", `--owner=${qemuUserIn(xml)}`, folder]);
    return new Domains(node, xml);
  }

  async start(name: string): Promise<number> {
    await writeFile(`${await this.#node.bundle.rootFolder()}${folder}/${name}.xml`, this.#xmlOf(name));
    const [file, ...args] = await this.#node.bundle.enter(["virsh", "--quiet", "create", `${folder}/${name}.xml`]);
    const since = performance.now();
    await execa(file, args);
    return performance.now() - since;
  }

  async end(names: readonly string[]): Promise<void> {
    await this.#node.bundle.run(["virsh", "--quiet", names.map((name) => `destroy ${name}`).join("; ")]);
  }

  /** The XML of one more such domain, which is nobody's: the daemon is not to take it for one of its own. */
  #xmlOf(name: string): string {
    return this.#xml
      .replace(/<metadata>.*?<\/metadata>/s, "")
      .replaceAll(/<interface .*?<\/interface>/gs, "")
      .replace(/<name>.*?<\/name>/, `<name>${name}</name>`)
      .replaceAll(/<uuid>.*?<\/uuid>|<entry name='uuid'>.*?<\/entry>/g, "")
      .replaceAll(/(['"])\/[^'"]*\/sockets\//g, `$1${folder}/${name}-`);
  }
}
