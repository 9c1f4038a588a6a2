import type { Node } from "../../../cluster/cluster.ts";
import { eventually, type Namespace, nodes } from "../cluster.ts";

/** Makes a VirtualMachineInstance with the tiny guest; parts of its spec and its devices can be added. */
export function anInstance(name: string, spec: object = {}, devices: object = {}): object {
  return {
    apiVersion: "kubevirt.io/v1",
    kind: "VirtualMachineInstance",
    metadata: { name },
    spec: {
      terminationGracePeriodSeconds: 5,
      domain: { memory: { guest: "192Mi" }, devices: { rng: {}, ...devices } },
      volumes: [{ name: "root", containerDisk: { image: "localhost/tiny:latest", imagePullPolicy: "Never" } }],
      ...spec,
    },
  };
}

/** A guest whose agent runs commands in it. */
export class Guest {
  readonly namespace: Namespace;
  readonly name: string;

  constructor(namespace: Namespace, name: string) {
    this.namespace = namespace;
    this.name = name;
  }

  /** Reads a field of its instance. */
  async field(path: string): Promise<string> {
    return this.namespace.kubectl("get", "vmi", this.name, `--output=jsonpath={${path}}`);
  }

  /** Waits until the guest runs and its agent answers, and returns the Pod's address. */
  async ready(timeout = 90_000): Promise<string> {
    await this.namespace.meets("vmi", this.name, "condition=AgentConnected", timeout);
    return this.field(".status.interfaces[0].ipAddress");
  }

  async node(): Promise<Node> {
    const placed = await this.field(".status.nodeName");
    const node = nodes.find(({ name }) => name === placed);
    if (!node) throw new Error(`${this.name} is on no node of the cluster but "${placed}"`);
    return node;
  }

  /** Runs a shell script in the guest and returns its output; throws with its errors when it fails. */
  async sh(script: string, timeout = 60_000): Promise<string> {
    const { bundle } = await this.node();
    const agent = async (execute: string, arguments_: object): Promise<ExecStatus> => {
      const command = JSON.stringify({ execute, arguments: arguments_ });
      const domain = `${this.namespace.name}_${this.name}`;
      const answer = await bundle.run(["virsh", "--quiet", "qemu-agent-command", "--timeout=60", domain, command]);
      return (JSON.parse(answer) as { return: ExecStatus }).return;
    };
    const start = { path: "/bin/sh", arg: ["-c", script], "capture-output": true };
    // If the agent does not answer within libvirt's 5 s, it has run nothing, so a retry is safe.
    const { pid } = await eventually(() => agent("guest-exec", start));
    const ended = await eventually(async () => {
      const status = await agent("guest-exec-status", { pid }).catch((error: Error): ExecStatus => {
        // A restarted agent does not know the process, so more retries are useless.
        if (!error.message.includes("Invalid parameter 'pid'")) throw error;
        return { exited: true, exitcode: -1, "err-data": btoa("the agent was started again") };
      });
      // The agent reports an end only once.
      if (!status.exited) throw new Error(`still running in ${this.name}: ${script}`);
      return status;
    }, timeout);
    const text = (data = ""): string => Buffer.from(data, "base64").toString();
    if (ended.exitcode !== 0) throw new Error(`${script}: ${text(ended["err-data"])}${text(ended["out-data"])}`);
    return text(ended["out-data"]);
  }
}

interface ExecStatus {
  pid?: number;
  exited?: boolean;
  exitcode?: number;
  "out-data"?: string;
  "err-data"?: string;
}
