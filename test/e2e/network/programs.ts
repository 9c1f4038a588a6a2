import { afterAll, beforeAll } from "vitest";
import { useSourcesOnly } from "../add-on.ts";
import { cluster, installDefinitions, type Namespace, nodes } from "../cluster.ts";
import { ControllerProcess } from "../controller/controller-process.ts";
import { DaemonOnNode } from "../node-daemon/daemon-on-node.ts";

/** The add-on's programs from this tree. */
export interface Programs {
  readonly controller: ControllerProcess;
  readonly daemons: readonly DaemonOnNode[];
}

/** Runs the controller, and a daemon on each node, for the tests of a file; ends the namespace's instances first. */
export function usePrograms(namespace: Namespace): Programs {
  const controller = new ControllerProcess(cluster.kubeconfig);
  const daemons = nodes.map((node) => new DaemonOnNode(cluster, node));
  useSourcesOnly();
  beforeAll(async () => {
    await installDefinitions();
    // The leader's Lease is in the add-on's namespace.
    const addOn = { apiVersion: "v1", kind: "Namespace", metadata: { name: "kubevirt" } };
    await cluster.kubectl(["apply", "--filename=-"], { input: JSON.stringify(addOn) });
    for (const daemon of daemons) {
      await daemon.kill();
      await daemon.install();
      await daemon.start();
    }
    controller.start();
  });
  afterAll(async () => {
    await namespace.kubectl("delete", "vm,vmi", "--all", "--timeout=60s");
    await controller.end();
    for (const daemon of daemons) await daemon.kill("SIGTERM");
  });
  return { controller, daemons };
}
