import { components } from "../../api/contract/constants.ts";
import { daemonServerName, sharedServerName } from "../../api/contract/daemon-certificate.ts";
import { annotations, labels } from "../../api/contract/labels.ts";
import type { ReadonlyStore } from "../../api/kube/controller/store.ts";
import type { Pod } from "../../api/kube/resources/core-resources.ts";
import type { Daemons } from "./backends.ts";

/** The label of the node daemons' pods, which other tools look for too. */
export const daemonLabel = `${labels.app}=${components.daemon}`;

/** Finds the node daemons by their pods. */
export function daemonPods(store: ReadonlyStore<Pod>): Daemons {
  const byNode = store.index(({ spec }) => (spec?.nodeName ? [spec.nodeName] : []));
  return {
    find(node) {
      const running = byNode.get(node).filter(({ status }) => status?.phase === "Running" && status.podIP);
      // While a node's daemon is replaced there are two. One that is not terminating wins, then one that is ready.
      const [first] = running.toSorted((a, b) => rank(b) - rank(a));
      const address = first?.status?.podIP;
      if (!first || !address) return undefined;
      return { address, serverName: hasOwnCertificate(first) ? daemonServerName(node) : sharedServerName };
    },
  };
}

/** Whether the daemon serves its node's certificate, unlike the release before. Nodes cannot change the annotation. */
function hasOwnCertificate({ metadata }: Pod): boolean {
  return metadata?.annotations?.[annotations.ownCertificate] === "true";
}

function rank({ metadata, status }: Pod): number {
  const ready = status?.conditions?.some((one) => one.type === "Ready" && one.status === "True") === true;
  return (metadata?.deletionTimestamp ? 0 : 2) + (ready ? 1 : 0);
}
