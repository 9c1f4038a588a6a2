import { writeFile } from "node:fs/promises";
import { execa } from "execa";
import type { KubeClient } from "../../api/kube/client/client.ts";
import { type Pod, pods } from "../../api/kube/resources/core-resources.ts";
import { instances, type VirtualMachineInstance } from "../../api/resources.ts";

import type { Node } from "../../cluster/cluster.ts";
import { Watched } from "./watched.ts";

/** A kind of thing to start many times, each with a name of its own. */
export interface Starter {
  /** Starts one and returns the milliseconds until it was there. */
  start(name: string): Promise<number>;
  /** Ends them, and waits until nothing is left. */
  end(names: readonly string[]): Promise<void>;
}

/** Starts the smallest Pod: a program that does nothing. It is there when it is Ready. */
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

/** Starts the smallest instance: no disk, 64 MiB. It is there when it is Running. */
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

/** Makes an instance without a guest. It requests so little CPU that dozens fit on a small node. */
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

/** Reads the user of QEMU from a domain's XML. */
export function qemuUserIn(xml: string): string {
  const user = /<label>\+(\d+):/.exec(xml)?.[1];
  if (user === undefined) throw new Error("the domain does not say as whom its QEMU runs");
  return user;
}

/** The folder on a node for the sockets of {@link Domains}. */
const folder = "/var/lib/libvirt/bench";

/** Starts copies of an instance's domain with virsh. A copy is there when virsh has ended. */
export class Domains implements Starter {
  readonly #node: Node;
  readonly #xml: string;

  private constructor(node: Node, xml: string) {
    this.#node = node;
    this.#xml = xml;
  }

  /** Makes the copies from the domain of a running instance. */
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

  /** Makes the XML of one more copy, without our metadata, so that the daemon ignores it. */
  #xmlOf(name: string): string {
    return this.#xml
      .replace(/<metadata>.*?<\/metadata>/s, "")
      .replaceAll(/<interface .*?<\/interface>/gs, "")
      .replace(/<name>.*?<\/name>/, `<name>${name}</name>`)
      .replaceAll(/<uuid>.*?<\/uuid>|<entry name='uuid'>.*?<\/entry>/g, "")
      .replaceAll(/(['"])\/[^'"]*\/sockets\//g, `$1${folder}/${name}-`);
  }
}
