import type { VirtualMachineInstance } from "../../api/resources.ts";

/** Makes an instance as in the API server after the hand-over; parts can be replaced. */
export function anInstance(
  parts: { spec?: object; domain?: object; devices?: object; status?: object; metadata?: object } = {},
): VirtualMachineInstance {
  return {
    apiVersion: "kubevirt.io/v1",
    kind: "VirtualMachineInstance",
    metadata: {
      namespace: "default",
      name: "db",
      uid: "0a9f4c1e-8d3b-4c57-9b53-0d6f1e2a7c44",
      resourceVersion: "7",
      ...parts.metadata,
    },
    spec: {
      domain: {
        memory: { guest: "128Mi" },
        cpu: { cores: 1, sockets: 1, threads: 1 },
        machine: { type: "q35" },
        firmware: { uuid: "5D307CA9-B3EF-428C-8861-06E72D69F223" },
        devices: { ...parts.devices },
        ...parts.domain,
      },
      ...parts.spec,
    },
    status: { phase: "Scheduled", ...parts.status },
  };
}
