import { eventually, type Namespace } from "../cluster.ts";

/** Has the API say how an instance is, as the controller and the node daemon will. */
export async function report(namespace: Namespace, name: string, status: object): Promise<void> {
  const patch = ["patch", "vmi", name, "--subresource=status", "--type=merge", "--patch", JSON.stringify({ status })];
  await eventually(() => namespace.kubectl(...patch));
}

/** An instance with nothing but 64 MiB of memory. */
export const anInstance = (name: string) => ({
  apiVersion: "kubevirt.io/v1",
  kind: "VirtualMachineInstance",
  metadata: { name },
  spec: { domain: { devices: {}, memory: { guest: "64Mi" } } },
});
