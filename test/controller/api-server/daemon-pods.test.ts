import { expect, test } from "vitest";
import { Store } from "../../../api/kube/controller/store.ts";
import type { Pod } from "../../../api/kube/resources/core-resources.ts";
import { daemonPods } from "../../../controller/api-server/daemon-pods.ts";
import { manifests } from "../../../deploy/manifests.ts";

function aDaemonPod(name: string, nodeName: string, podIP: string, annotations: Record<string, string> = {}): Pod {
  return {
    metadata: { name, namespace: "kubevirt", annotations },
    spec: { nodeName, containers: [] },
    status: { phase: "Running", podIP },
  };
}

/** What pods of this release are annotated with. */
function ownAnnotations(): Record<string, string> {
  const daemonSet = manifests["node-daemon"]?.find(({ kind }) => kind === "DaemonSet");
  if (!daemonSet) throw new Error("there is no DaemonSet");
  const { template } = daemonSet.spec as { template: { metadata: { annotations: Record<string, string> } } };
  return template.metadata.annotations;
}

test("a daemon of this release has to show its node's certificate, one of the release before the shared one", () => {
  const store = new Store<Pod>();
  store.replace([aDaemonPod("a", "node-1", "10.0.0.1", ownAnnotations()), aDaemonPod("b", "node-2", "10.0.0.2")]);
  const daemons = daemonPods(store);
  expect(daemons.find("node-1")).toEqual({ address: "10.0.0.1", serverName: "node-1.virt-node-daemon" });
  expect(daemons.find("node-2")).toEqual({ address: "10.0.0.2", serverName: "virt-node-daemon" });
  expect(daemons.find("node-3")).toBeUndefined();
});
