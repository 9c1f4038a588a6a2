import { instancePath, machinePath, portForward } from "../../api/sub-resources.ts";
import type { Target } from "../target/target.ts";

/** Makes the path of a guest's port in the API server. */
export function portPath(namespace: string, { kind, name }: Target, port: number, protocol: "tcp" | "udp"): string {
  const pathOf = kind === "VirtualMachine" ? machinePath : instancePath;
  return pathOf({ namespace, name }, portForward(port, protocol));
}
