/** The Service, its endpoint and the APIServices of an API server that listens at an address of no pod. */
export function registration(address: string, port: number): object[] {
  return [
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "virt-api", namespace: "kubevirt" },
      spec: { ports: [{ name: "https", port: 443, targetPort: port }] },
    },
    {
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      metadata: { name: "virt-api-test", namespace: "kubevirt", labels: { "kubernetes.io/service-name": "virt-api" } },
      addressType: "IPv4",
      ports: [{ name: "https", port, protocol: "TCP" }],
      endpoints: [{ addresses: [address], conditions: { ready: true } }],
    },
    ...["v1", "v1alpha3"].map((version) => ({
      apiVersion: "apiregistration.k8s.io/v1",
      kind: "APIService",
      metadata: { name: `${version}.subresources.kubevirt.io` },
      spec: {
        group: "subresources.kubevirt.io",
        version,
        groupPriorityMinimum: 1000,
        versionPriority: version === "v1" ? 15 : 10,
        service: { name: "virt-api", namespace: "kubevirt", port: 443 },
      },
    })),
  ];
}

/** A node without a kubelet, and the pod of a node daemon there that nobody runs. */
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

/** A VirtualMachineInstance; `devices` of its domain can be added. */
export function anInstance(name: string, devices: object = {}): object {
  return {
    apiVersion: "kubevirt.io/v1",
    kind: "VirtualMachineInstance",
    metadata: { name },
    spec: { ...template.spec, domain: { ...template.spec.domain, devices } },
  };
}
