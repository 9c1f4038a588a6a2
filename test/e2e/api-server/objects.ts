/** Makes a node without a kubelet, and on it the Pod of a node daemon that does not run. */
export function daemonOn(node: string): object[] {
  return [
    { apiVersion: "v1", kind: "Node", metadata: { name: node } },
    {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: `daemon-${node}`, namespace: "kubevirt", labels: { "kubevirt.io": "virt-handler" } },
      spec: {
        nodeName: node,
        automountServiceAccountToken: false,
        tolerations: [{ operator: "Exists" }],
        containers: [{ name: "virt-node-daemon", image: "localhost/toolbox:latest" }],
      },
    },
  ];
}

const template = { spec: { domain: { memory: { guest: "64Mi" }, devices: {} }, terminationGracePeriodSeconds: 30 } };

/** A VirtualMachine. */
export function aMachine(name: string, runStrategy: string): object {
  return {
    apiVersion: "kubevirt.io/v1",
    kind: "VirtualMachine",
    metadata: { name },
    spec: { runStrategy, template },
  };
}

/** Makes a VirtualMachineInstance; `devices` and other parts of its domain can be added. */
export function anInstance(name: string, devices: object = {}, domain: object = {}): object {
  return {
    apiVersion: "kubevirt.io/v1",
    kind: "VirtualMachineInstance",
    metadata: { name },
    spec: { ...template.spec, domain: { ...template.spec.domain, ...domain, devices } },
  };
}
